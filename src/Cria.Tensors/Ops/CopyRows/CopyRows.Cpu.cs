namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void CopyRowsChecked(Tensor from, int fromRow, Tensor to, int toRow, int rows)
    {
        int columns = from.Shape.Columns;
        if (from.Type == to.Type)
        {
            int bytes = checked((int)from.Type.Bytes(columns));
            for (int row = 0; row < rows; row++)
                from.Storage.Bytes((long)(fromRow + row) * bytes, bytes).CopyTo(to.Storage.Bytes((long)(toRow + row) * bytes, bytes));
            return;
        }
        for (int row = 0; row < rows; row++)
            to.Type.Format.Write(from.Row(fromRow + row), to.Storage, (long)(toRow + row) * columns);
    }
}
