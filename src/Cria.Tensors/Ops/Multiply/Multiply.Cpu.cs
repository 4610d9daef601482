using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Multiply(Tensor a, Tensor b, Tensor y) =>
        ForChunks(y.Shape.Length, (start, count) => TensorPrimitives.Multiply(
            a.Storage.Floats(start, count), b.Storage.Floats(start, count), y.Storage.Floats(start, count)));

    internal override void MultiplyAdd(Tensor a, Tensor b, Tensor y)
    {
        y.Settle();
        ForChunks(y.Shape.Length, (start, count) =>
        {
            var sum = y.Storage.Floats(start, count);
            TensorPrimitives.MultiplyAdd(a.Storage.Floats(start, count), b.Storage.Floats(start, count), sum, sum);
        });
    }
}
