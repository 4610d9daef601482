namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void Scale(Tensor x, float factor, Tensor y) => LaunchMap(y, "scale", "scale", x, factor, y, y.Shape.Length, 0);

    internal override void ScaleAdd(Tensor x, float factor, Tensor y) => LaunchMap(y, "scale", "scale", x, factor, y, y.Shape.Length, y.Adds());

    internal override void ScaleBy(Tensor x, Tensor factor, Tensor y) => LaunchMap(y, "scale", "scale_by", x, factor, y, y.Shape.Length);
}
