using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

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

    internal override void Rotate(Tensor x, Tensor angles, Tensor y) =>
        ForRows(x.Shape.Rows, x.Shape.Columns, row => RotateRow(x.Row(row), angles.Row(row), y.Row(row), back: false, add: false));

    internal override void RotateBackward(Tensor dy, Tensor angles, Tensor dx)
    {
        bool add = dx.Adds() == 1;
        ForRows(dy.Shape.Rows, dy.Shape.Columns, row => RotateRow(dy.Row(row), angles.Row(row), dx.Row(row), back: true, add));
    }

    private static void RotateRow(ReadOnlySpan<float> x, ReadOnlySpan<float> angle, Span<float> y, bool back, bool add)
    {
        if (Vector512.IsHardwareAccelerated)
            Rotation<Lanes512, Vector512<float>>.Row(x, angle, y, back, add);
        else if (Vector256.IsHardwareAccelerated)
            Rotation<Lanes256, Vector256<float>>.Row(x, angle, y, back, add);
        else
            Rotation<Lanes128, Vector128<float>>.Row(x, angle, y, back, add);
    }
}
