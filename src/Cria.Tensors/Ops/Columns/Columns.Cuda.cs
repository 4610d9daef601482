namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void Columns(Tensor matrix, int[] ids, Tensor y) => Launch(
        y.Type, "columns", "columns", Blocks(y.Shape.Length, MapThreads), 1, 1, MapThreads, 0,
        matrix, Upload(ids), y, ids.Length, matrix.Shape.Rows, matrix.Shape.Columns);

    internal override void ColumnsBackward(Tensor dy, int[] ids, Tensor dMatrix)
    {
        dMatrix.Settle();
        var same = new SameIds(ids);
        int rows = dMatrix.Shape.Rows, count = same.Different.Length;
        Launch(
            dy.Type, "columns", "columns_backward", Blocks((long)count * rows, MapThreads), 1, 1, MapThreads, 0,
            dy, Upload(same.Different), Upload(same.Starts), Upload(same.Order), count, dMatrix, rows, dMatrix.Shape.Columns);
    }
}
