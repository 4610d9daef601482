using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void ScaleColumns(Tensor x, Tensor factors, Tensor y) => ForRows(x.Shape.Rows, x.Shape.Columns, row =>
    {
        ReadOnlySpan<float> s = factors.Floats(), numbers = x.Row(row);
        var result = y.Row(row);
        int width = numbers.Length / s.Length;
        if (width == 1)
            TensorPrimitives.Multiply(numbers, s, result);
        for (int i = 0; i < s.Length && width > 1; i++)
            TensorPrimitives.Multiply(numbers.Slice(i * width, width), s[i], result.Slice(i * width, width));
    });

    internal override void ScaleColumnsBackward(Tensor x, Tensor factors, Tensor dy, Tensor? dx, Tensor? dFactors)
    {
        int width = x.Shape.Columns / (int)factors.Shape.Length;
        dx?.Settle();
        dFactors?.Settle();
        if (dx is not null)
            ForRows(x.Shape.Rows, x.Shape.Columns, row => ScaleRowBackward(factors.Floats(), dy.Row(row), dx.Row(row), width));
        if (dFactors is null)
            return;
        if (width == 1)
            ForColumns(x.Shape.Columns, (start, count) => AddProducts(x, dy, dFactors.Floats().Slice(start, count), start));
        else
            Workers.For((int)factors.Shape.Length, i => dFactors.Floats()[i] += SumOfProducts(x, dy, i * width, width));
    }

    private static void ScaleRowBackward(ReadOnlySpan<float> s, ReadOnlySpan<float> dy, Span<float> dx, int width)
    {
        if (width == 1)
            TensorPrimitives.MultiplyAdd(dy, s, dx, dx);
        for (int i = 0; i < s.Length && width > 1; i++)
        {
            var part = dx.Slice(i * width, width);
            TensorPrimitives.MultiplyAdd(dy.Slice(i * width, width), s[i], part, part);
        }
    }

    private static void AddProducts(Tensor x, Tensor dy, Span<float> sums, int start)
    {
        for (int row = 0; row < x.Shape.Rows; row++)
            TensorPrimitives.MultiplyAdd(x.Row(row).Slice(start, sums.Length), dy.Row(row).Slice(start, sums.Length), sums, sums);
    }

    private static float SumOfProducts(Tensor x, Tensor dy, int start, int width)
    {
        float sum = 0;
        for (int row = 0; row < x.Shape.Rows; row++)
            sum += TensorPrimitives.Dot<float>(x.Row(row).Slice(start, width), dy.Row(row).Slice(start, width));
        return sum;
    }
}
