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

    internal override void Rotate(Tensor x, Tensor angles, Tensor y)
    {
        if (!TurnWaits(x, angles, y))
            Turn(x, angles, 1, y, 0);
    }

    internal override void RotateBackward(Tensor dy, Tensor angles, Tensor dx) => Turn(dy, angles, -1, dx, dx.Adds());

    private void Turn(Tensor x, Tensor angles, float direction, Tensor y, int adds)
    {
        Begin();
        int half = angles.Shape.Columns / 2;
        Turn(new FewTurn(x.Type, x.Storage.Pointer, angles.Storage.Pointer, y.Storage.Pointer, x.Shape.Rows, x.Shape.Columns, half), direction, adds);
    }

    private void Turn(FewTurn turn, float direction, int adds)
    {
        int each = turn.Half % PackOf(turn.Type) == 0 ? PackOf(turn.Type) : 1;
        LaunchNow(
            Start.Plain, turn.Type, "rotary", "rotate", Blocks((long)turn.Rows * turn.Columns / 2 / each, MapThreads), 1, 1, MapThreads, 0,
            turn.X, turn.Angles, direction, turn.Y, adds, turn.Rows, turn.Columns, turn.Half);
    }
}
