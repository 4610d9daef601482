namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void AddRow(Tensor x, Tensor row, Tensor y) => LaunchRows(x, "add_row", "add_row", x, row, y, x.Shape.Columns);

    internal override void AddRowBackward(Tensor dy, Tensor dRow) => SumOverRows(dy, dRow, (parts, rowsOfPart, blocksX, blocksY) => Launch(
        dy.Type, "add_row", "add_row_backward", blocksX, blocksY, 1, RowThreads, 0, dy, parts, dy.Shape.Rows, dy.Shape.Columns, rowsOfPart));
}
