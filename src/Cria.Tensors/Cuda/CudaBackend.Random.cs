namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public override Tensor Uniform(Shape shape, float bound, ulong seed) => Random("uniform", shape, bound, seed);

    /// <inheritdoc/>
    public override Tensor Normal(Shape shape, float deviation, ulong seed) => Random("normal", shape, deviation, seed);

    private Tensor Random(string kernel, Shape shape, double width, ulong seed)
    {
        var tensor = Empty(shape);
        Launch(DataType.F32, "fill", kernel, Blocks(shape.Length, MapThreads), 1, 1, MapThreads, 0, tensor, width, seed, shape.Length);
        return tensor;
    }
}
