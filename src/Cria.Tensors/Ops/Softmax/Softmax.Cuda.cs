namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void Softmax(Tensor x, Tensor y) => LaunchRows(x, "softmax", "softmax", x, y, x.Shape.Columns);

    internal override void SoftmaxBackward(Tensor y, Tensor dy, Tensor dx) => LaunchRows(y, "softmax", "softmax_backward", y, dy, dx, dx.Adds(), y.Shape.Columns);
}
