namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void DropoutAdd(Tensor x, float probability, DropoutSeed seed, Tensor y)
    {
        nint pass = recording?.PlaceOf(seed) ?? 0;
        uint threshold = (uint)Math.Min(uint.MaxValue, Math.Round(probability * 4294967296.0));
        LaunchMap(y, "dropout", "dropout", x, pass, pass == 0 ? seed.Value : seed.Place!.Value, threshold, 1 / (1 - probability), y, y.Adds(), y.Shape.Length);
    }
}
