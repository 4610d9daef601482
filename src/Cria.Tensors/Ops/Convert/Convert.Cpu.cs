namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Convert(Tensor from, Tensor to) => to.Type.Format.Quantize(from, to.Storage, Workers);
}
