namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int HopperMajor = 9, HopperTileRows = 128, HopperThreads = 256;

    private void AttendOnHopper(Tensor q, Tensor k, Tensor v, AttentionLayout layout, AttentionTiles tiles, int head, Tensor y, Tensor? logSums)
    {
        // Queries, and two stages of keys and of values.
        int sharedBytes = 5 * HopperTileRows * head * sizeof(ushort);
        int[] list = tiles.Queries(HopperTileRows);
        Launch(
            q.Type, $"attention_wgmma HEAD={head}", "attention_forward", layout.Heads, list.Length / 2, 1, HopperThreads, sharedBytes,
            q, k, v, Upload(tiles.Spans), Upload(list), y, logSums, q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
    }

    // What heads are padded to; null where the kernels of other cards are wanted.
    private int? HopperHead(Tensor q, AttentionLayout layout)
    {
        if (card.Major != HopperMajor || q.Type != DataType.BF16 || layout.HeadSize % HeadSizePack != 0 || layout.HeadSize > 128)
            return null;
        return layout.HeadSize <= 64 ? 64 : 128;
    }
}
