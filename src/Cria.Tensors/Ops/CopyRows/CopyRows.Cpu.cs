namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void CopyRowsChecked(Tensor from, int fromRow, Tensor to, int toRow, int rows)
    {
        int columns = from.Shape.Columns;
        from.Storage.Floats((long)fromRow * columns, checked(rows * columns)).CopyTo(to.Storage.Floats((long)toRow * columns, rows * columns));
    }
}
