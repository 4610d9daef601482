namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    // Number by number: TensorPrimitives' tanh of a zero is not zero in vectors, and gates that start at zero must add nothing.
    internal override void Tanh(Tensor x, Tensor y) => ForChunks(y.Shape.Length, (start, count) =>
    {
        Span<float> from = x.Storage.Floats(start, count), to = y.Storage.Floats(start, count);
        for (int i = 0; i < count; i++)
            to[i] = MathF.Tanh(from[i]);
    });

    internal override void TanhBackward(Tensor y, Tensor dy, Tensor dx)
    {
        dx.Settle();
        ForChunks(dx.Shape.Length, (start, count) =>
        {
            Span<float> value = y.Storage.Floats(start, count), gradient = dy.Storage.Floats(start, count), sum = dx.Storage.Floats(start, count);
            for (int i = 0; i < count; i++)
                sum[i] += gradient[i] * (1 - value[i] * value[i]);
        });
    }
}
