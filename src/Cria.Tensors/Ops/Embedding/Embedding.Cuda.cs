namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int ColumnsOfBlock = 1024;

    internal override void Embedding(Tensor table, int[] ids, Tensor y) => LookUp(table, Upload(ids), y.Type, y.Storage.Pointer);

    internal override void EmbeddingBackward(Tensor dy, int[] ids, Tensor dTable)
    {
        dTable.Settle();
        var same = new SameIds(ids);
        string kernel = dTable.Type == dy.Type ? "embedding_backward" : "embedding_backward_to_floats";
        Launch(
            dy.Type, "embedding", kernel, same.Different.Length, Blocks(dy.Shape.Columns, ColumnsOfBlock), 1, RowThreads, 0,
            dy, Upload(same.Different), Upload(same.Starts), Upload(same.Order), dTable, dy.Shape.Columns);
    }

    // to[n] = table[ids[n]]
    private void LookUp(Tensor table, DeviceSpan ids, DataType type, nint to) => Launch(
        type, "embedding", $"embedding_{KernelName(table.Type)}", ids.Count, Blocks(table.Shape.Columns, ColumnsOfBlock), 1, ColumnsOfBlock / 8, 0,
        table, BlocksOf(table), ids, to, table.Shape.Columns);
}
