namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void Tanh(Tensor x, Tensor y) => LaunchMap(y, "tanh", "tanh_forward", x, y, y.Shape.Length);

    internal override void TanhBackward(Tensor y, Tensor dy, Tensor dx) => LaunchMap(dx, "tanh", "tanh_backward", y, dy, dx, dx.Shape.Length, dx.Adds());
}
