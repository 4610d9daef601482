using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void AdamWChecked(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors)
    {
        if (mean.Type == DataType.F32 && square.Type == DataType.F32)
            AdamWOverFloats(parameter, gradient, mean, square, factors);
        else
            AdamWOverBlocks(parameter, gradient, mean, square, factors);
    }

    private void AdamWOverFloats(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors) =>
        ForChunks(parameter.Shape.Length, (start, count) =>
        {
            for (long i = start; i < start + count; i += StackFloats)
            {
                int some = (int)Math.Min(StackFloats, start + count - i);
                AdamWChunk(
                    parameter.Storage.Floats(i, some), gradient.Storage.Floats(i, some), mean.Storage.Floats(i, some), square.Storage.Floats(i, some), factors);
            }
        });

    // States in blocks are unpacked, moved and packed again, some blocks at a time: they never exist as floats all together.
    private void AdamWOverBlocks(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors) =>
        ForChunks(parameter.Shape.Length, (start, count) =>
        {
            Span<float> states = stackalloc float[2 * StackFloats];
            for (long i = start; i < start + count; i += StackFloats)
            {
                int some = (int)Math.Min(StackFloats, start + count - i);
                Span<float> m = states[..some], v = states.Slice(StackFloats, some);
                mean.Type.Format.Read(mean.Storage, i, m);
                square.Type.Format.Read(square.Storage, i, v);
                AdamWChunk(parameter.Storage.Floats(i, some), gradient.Storage.Floats(i, some), m, v, factors);
                mean.Type.Format.Write(m, mean.Storage, i);
                square.Type.Format.Write(v, square.Storage, i);
            }
        });

    private static void AdamWChunk(Span<float> p, ReadOnlySpan<float> gradient, Span<float> m, Span<float> v, in AdamWFactors by)
    {
        Span<float> memory = stackalloc float[2 * StackFloats];
        Span<float> g = memory[..p.Length], t = memory.Slice(StackFloats, p.Length);
        TensorPrimitives.Multiply(gradient, by.GradientScale, g);
        TensorPrimitives.Multiply(p, by.Keep, p);

        TensorPrimitives.Subtract(g, m, t);                         // m += (1 − β₁)(g − m)
        TensorPrimitives.MultiplyAdd(t, by.MeanShare, m, m);

        TensorPrimitives.Multiply(g, g, t);                         // v = β₂ v + (1 − β₂) g²
        TensorPrimitives.Multiply(t, by.SquareShare, t);
        TensorPrimitives.MultiplyAdd(v, by.SquareKeep, t, v);

        TensorPrimitives.Sqrt(v, t);                                // p −= stepSize · m / (√v / correction + ε)
        TensorPrimitives.Divide(t, by.RootCorrection, t);
        TensorPrimitives.Add(t, by.Epsilon, t);
        TensorPrimitives.Divide(m, t, t);
        TensorPrimitives.MultiplyAdd(t, -by.StepSize, p, p);
    }
}
