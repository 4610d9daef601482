using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void SiluMultiply(Tensor gate, Tensor up, Tensor y) => ForSmallChunks(y.Shape.Length, (start, count) =>
    {
        ReadOnlySpan<float> g = gate.Storage.Floats(start, count), u = up.Storage.Floats(start, count);
        var result = y.Storage.Floats(start, count);
        TensorPrimitives.Sigmoid(g, result);
        TensorPrimitives.Multiply(result, g, result);
        TensorPrimitives.Multiply(result, u, result);
    });

    internal override void SiluMultiplyBackward(Tensor gate, Tensor up, Tensor dy, Tensor? dGate, Tensor? dUp) =>
        ForSmallChunks(dy.Shape.Length, (start, count) =>
        {
            ReadOnlySpan<float> g = gate.Storage.Floats(start, count), u = up.Storage.Floats(start, count), d = dy.Storage.Floats(start, count);
            Span<float> memory = stackalloc float[3 * StackFloats];
            Span<float> s = memory[..count], gs = memory.Slice(StackFloats, count), t = memory.Slice(2 * StackFloats, count);
            TensorPrimitives.Sigmoid(g, s);
            TensorPrimitives.Multiply(g, s, gs);
            if (dUp is not null)
                TensorPrimitives.MultiplyAdd(gs, d, dUp.Storage.Floats(start, count), dUp.Storage.Floats(start, count));
            if (dGate is null)
                return;
            TensorPrimitives.Subtract(1, s, t);                 // s · (1 + g · (1 − s)) = s + gs · (1 − s)
            TensorPrimitives.MultiplyAdd(gs, t, s, t);
            TensorPrimitives.Multiply(t, u, t);
            TensorPrimitives.MultiplyAdd(t, d, dGate.Storage.Floats(start, count), dGate.Storage.Floats(start, count));
        });

    /// <summary>As <see cref="ForChunks"/>, each chunk in pieces that leave room for temporaries on the stack.</summary>
    private void ForSmallChunks(long length, Action<long, int> body) => ForChunks(length, (start, count) =>
    {
        for (int i = 0; i < count; i += StackFloats)
            body(start + i, Math.Min(StackFloats, count - i));
    });
}
