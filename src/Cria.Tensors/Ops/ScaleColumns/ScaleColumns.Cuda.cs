namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void ScaleColumns(Tensor x, Tensor factors, Tensor y) =>
        LaunchRows(x, "scale_columns", "scale_columns", x, factors, y, 0, x.Shape.Columns, x.Shape.Columns / (int)factors.Shape.Length);

    internal override void ScaleColumnsBackward(Tensor x, Tensor factors, Tensor dy, Tensor? dx, Tensor? dFactors)
    {
        if (dx is not null)
            LaunchRows(dy, "scale_columns", "scale_columns", dy, factors, dx, dx.Adds(), x.Shape.Columns, x.Shape.Columns / (int)factors.Shape.Length);
        if (dFactors is not null)
            SumOverRows(x, dFactors, (parts, rowsOfPart, blocksX, blocksY) => Launch(
                x.Type, "scale_columns", "scale_columns_backward", blocksX, blocksY, 1, RowThreads, 0, x, dy, parts, x.Shape.Rows, x.Shape.Columns, rowsOfPart));
    }
}
