namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void DropoutAdd(Tensor x, float probability, ulong seed, Tensor y)
    {
        uint threshold = (uint)Math.Min(uint.MaxValue, Math.Round(probability * 4294967296.0));
        LaunchMap(y, "dropout", "dropout", x, seed, threshold, 1 / (1 - probability), y, y.Adds(), y.Shape.Length);
    }
}
