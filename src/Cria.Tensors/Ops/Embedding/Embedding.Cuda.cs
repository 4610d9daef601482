namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int ColumnsOfBlock = 1024;

    internal override void Embedding(Tensor table, int[] ids, Tensor y) => LookUp(table, Upload(ids), y.Type, y.Storage.Pointer);

    internal override void EmbeddingBackward(Tensor dy, int[] ids, Tensor dTable)
    {
        dTable.Settle();
        string kernel = dTable.Type == dy.Type ? "embedding_backward" : "embedding_backward_to_floats";
        var same = recording?.PlaceOfSame(ids) ?? Place(new SameIds(ids));
        Launch(
            dy.Type, "embedding", kernel, same.Different.Count, Blocks(dy.Shape.Columns, ColumnsOfBlock), 1, RowThreads, 0,
            dy, same.Different, same.Starts, same.Order, dTable, dy.Shape.Columns);
    }

    private SameIdsPlace Place(SameIds same) => new(Upload(same.Different), Upload(same.Starts), Upload(same.Order));

    // to[n] = table[ids[n]]
    private void LookUp(Tensor table, DeviceSpan ids, DataType type, nint to) => Launch(
        type, "embedding", $"embedding_{KernelName(table.Type)}", ids.Count, Blocks(table.Shape.Columns, ColumnsOfBlock), 1, ColumnsOfBlock / 8, 0,
        table, BlocksOf(table), ids, to, table.Shape.Columns);
}

/// <summary>The lists of <see cref="SameIds"/> on a card.</summary>
internal readonly record struct SameIdsPlace(DeviceSpan Different, DeviceSpan Starts, DeviceSpan Order);
