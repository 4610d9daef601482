namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void Add(Tensor a, Tensor b, Tensor y)
    {
        if (!ResidualEnds(a, b, y))
            LaunchMap(y, "add", "add", a, b, y, y.Shape.Length);
    }

    internal override void Accumulate(Tensor sum, Tensor x)
    {
        int adds = sum.Adds();
        if (sum.Type != x.Type)
            Launch(x.Type, "add", "accumulate", Blocks(x.Shape.Length, MapThreads * PackOf(sum.Type)), 1, 1, MapThreads, 0, x, sum, x.Shape.Length, adds);
        else if (adds == 0)
            Copy(x.Storage.Pointer, sum.Storage.Pointer, x.Storage.Length);
        else
            Add(sum, x, sum);
    }
}
