namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Convert(Tensor from, Tensor to) => to.Type.Format.Quantize(from, to.Storage, Workers);

    internal override void ReadRows(Tensor from, Func<int, int> row, Tensor to)
    {
        int columns = from.Shape.Columns;
        var (storage, format) = (from.Storage, from.Type.Format);
        Workers.For(to.Shape.Rows, r => format.Read(storage, (long)row(r) * columns, to.Row(r)));
    }
}
