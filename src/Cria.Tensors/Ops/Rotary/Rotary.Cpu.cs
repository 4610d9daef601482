using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void RotaryAngles(ReadOnlySpan<float> inverseFrequencies, ReadOnlySpan<int> positions, Tensor angles)
    {
        for (int row = 0; row < positions.Length; row++)
        {
            Span<float> cos = angles.Row(row)[..inverseFrequencies.Length], sin = angles.Row(row)[inverseFrequencies.Length..];
            TensorPrimitives.Multiply(inverseFrequencies, positions[row], sin);
            TensorPrimitives.Cos(sin, cos);
            TensorPrimitives.Sin(sin, sin);
        }
    }

    internal override void Rotate(Tensor x, Tensor angles, Tensor y) => ForRows(x.Shape.Rows, x.Shape.Columns, row =>
    {
        ReadOnlySpan<float> angle = angles.Row(row), cos = angle[..(angle.Length / 2)], sin = angle[(angle.Length / 2)..];
        for (int head = 0; head < x.Shape.Columns; head += angle.Length)
            RotateHead(x.Row(row).Slice(head, angle.Length), cos, sin, y.Row(row).Slice(head, angle.Length));
    });

    internal override void RotateBackward(Tensor dy, Tensor angles, Tensor dx) => ForRows(dy.Shape.Rows, dy.Shape.Columns, row =>
    {
        ReadOnlySpan<float> angle = angles.Row(row), cos = angle[..(angle.Length / 2)], sin = angle[(angle.Length / 2)..];
        for (int head = 0; head < dy.Shape.Columns; head += angle.Length)
            RotateHeadBackward(dy.Row(row).Slice(head, angle.Length), cos, sin, dx.Row(row).Slice(head, angle.Length));
    });

    private static void RotateHead(ReadOnlySpan<float> x, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, Span<float> y)
    {
        for (int i = 0; i < cos.Length; i++)
        {
            y[i] = x[i] * cos[i] - x[i + cos.Length] * sin[i];
            y[i + cos.Length] = x[i + cos.Length] * cos[i] + x[i] * sin[i];
        }
    }

    private static void RotateHeadBackward(ReadOnlySpan<float> dy, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, Span<float> dx)
    {
        for (int i = 0; i < cos.Length; i++)
        {
            dx[i] += dy[i] * cos[i] + dy[i + cos.Length] * sin[i];
            dx[i + cos.Length] += dy[i + cos.Length] * cos[i] - dy[i] * sin[i];
        }
    }
}
