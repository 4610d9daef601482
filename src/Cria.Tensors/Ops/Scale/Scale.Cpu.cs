using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Scale(Tensor x, float factor, Tensor y) =>
        ForChunks(y.Shape.Length, (start, count) => TensorPrimitives.Multiply(
            x.Storage.Floats(start, count), factor, y.Storage.Floats(start, count)));

    internal override void ScaleAdd(Tensor x, float factor, Tensor y)
    {
        y.Settle();
        ForChunks(y.Shape.Length, (start, count) =>
        {
            var sum = y.Storage.Floats(start, count);
            TensorPrimitives.MultiplyAdd(x.Storage.Floats(start, count), factor, sum, sum);
        });
    }
}
