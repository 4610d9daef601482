using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor r) =>
        ForRows(x.Shape.Rows, x.Shape.Columns, row =>
        {
            ReadOnlySpan<float> numbers = x.Row(row);
            float inverse = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares(numbers) / numbers.Length + epsilon);
            r.Floats()[row] = inverse;
            TensorPrimitives.Multiply(numbers, inverse, y.Row(row));
            TensorPrimitives.Multiply(y.Row(row), weight.Floats(), y.Row(row));
        });

    internal override void RmsNormBackward(Tensor x, Tensor weight, Tensor r, Tensor dy, Tensor? dx, Tensor? dw)
    {
        dx?.Settle();
        dw?.Settle();
        if (dx is not null)
            ForRows(x.Shape.Rows, x.Shape.Columns, row => RmsNormRowBackward(x.Row(row), weight.Floats(), r.Floats()[row], dy.Row(row), dx.Row(row)));
        if (dw is not null)
            ForColumns(x.Shape.Columns, (start, count) => RmsNormWeightBackward(x, r.Floats(), dy, dw.Floats().Slice(start, count), start));
    }

    // dx += r · dy·w − x · c,  c = r³ · mean(dy·w·x)
    private static void RmsNormRowBackward(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float r, ReadOnlySpan<float> dy, Span<float> dx)
    {
        Span<float> memory = stackalloc float[StackFloats];
        float sum = 0;
        for (int i = 0; i < x.Length; i += StackFloats)
        {
            int count = Math.Min(StackFloats, x.Length - i);
            TensorPrimitives.Multiply(dy.Slice(i, count), w.Slice(i, count), memory);
            sum += TensorPrimitives.Dot(memory[..count], x.Slice(i, count));
        }
        float c = r * r * r * sum / x.Length;
        for (int i = 0; i < x.Length; i += StackFloats)
        {
            int count = Math.Min(StackFloats, x.Length - i);
            Span<float> g = memory[..count], d = dx.Slice(i, count);
            TensorPrimitives.Multiply(dy.Slice(i, count), w.Slice(i, count), g);
            TensorPrimitives.MultiplyAdd(g, r, d, d);
            TensorPrimitives.MultiplyAdd(x.Slice(i, count), -c, d, d);
        }
    }

    private static void RmsNormWeightBackward(Tensor x, ReadOnlySpan<float> r, Tensor dy, Span<float> dw, int start)
    {
        int apart = x.Shape.Columns;
        Span<float> n = stackalloc float[dw.Length];
        for (int row = 0; row < r.Length; row++)
        {
            long at = (long)row * apart + start;
            TensorPrimitives.Multiply(x.Storage.Floats(at, dw.Length), r[row], n);
            TensorPrimitives.MultiplyAdd(n, dy.Storage.Floats(at, dw.Length), dw, dw);
        }
    }
}
