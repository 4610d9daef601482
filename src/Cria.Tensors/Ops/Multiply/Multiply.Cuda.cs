namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void Multiply(Tensor a, Tensor b, Tensor y) => LaunchMap(y, "multiply", "multiply", a, b, y, y.Shape.Length, 0);

    internal override void MultiplyAdd(Tensor a, Tensor b, Tensor y) => LaunchMap(y, "multiply", "multiply", a, b, y, y.Shape.Length, y.Adds());
}
