namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void RotaryAngles(ReadOnlySpan<float> inverseFrequencies, ReadOnlySpan<int> positions, Tensor angles)
    {
        int half = inverseFrequencies.Length, rows = positions.Length;
        Launch(
            DataType.F32, "rotary", "rotary_angles", Blocks((long)rows * half, MapThreads), 1, 1, MapThreads, 0,
            Upload(inverseFrequencies), Upload(positions), angles, rows, half);
    }

    internal override void Rotate(Tensor x, Tensor angles, Tensor y) => Turn(x, angles, 1, y, 0);

    internal override void RotateBackward(Tensor dy, Tensor angles, Tensor dx) => Turn(dy, angles, -1, dx, dx.Adds());

    private void Turn(Tensor x, Tensor angles, float direction, Tensor y, int adds)
    {
        int half = angles.Shape.Columns / 2, each = half % PackOf(x.Type) == 0 ? PackOf(x.Type) : 1;
        Launch(
            x.Type, "rotary", "rotate", Blocks(x.Shape.Length / 2 / each, MapThreads), 1, 1, MapThreads, 0,
            x, angles, direction, y, adds, x.Shape.Rows, x.Shape.Columns, half);
    }
}
