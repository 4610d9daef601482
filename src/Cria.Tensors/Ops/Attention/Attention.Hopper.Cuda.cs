namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int HopperMajor = 9, HopperTileRows = 128, HopperThreads = 256;

    private void AttendOnHopper(Tensor q, Tensor k, Tensor v, AttentionLayout layout, AttentionLists tiles, int head, Tensor y, Tensor? logSums)
    {
        // Queries, and two stages of keys and of values.
        int sharedBytes = 5 * HopperTileRows * head * sizeof(ushort);
        var list = tiles.Queries(HopperTileRows);
        Launch(
            q.Type, $"attention_wgmma HEAD={head}", "attention_forward", layout.Heads, list.Count, 1, HopperThreads, sharedBytes,
            q, k, v, tiles.Spans, list.Pointer, y, logSums, q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
    }

    private void BackwardOnHopper(AttentionPass pass, int head, Tensor? dq, Tensor? dk, Tensor? dv)
    {
        // Two tiles of one side, three stages of two half tiles of the other, and for dk and dv their sums.
        const int Stages = 3, SumBytes = HopperTileRows * sizeof(float);
        int sharedBytes = (2 + Stages) * HopperTileRows * head * sizeof(ushort) + Stages * SumBytes;
        var (q, layout) = (pass.Q, pass.Layout);
        string file = $"attention_wgmma HEAD={head}";
        var spans = pass.Tiles.Spans;
        if (dq is not null)
        {
            var list = pass.Tiles.Queries(HopperTileRows);
            Launch(
                q.Type, file, "attention_backward_queries", layout.Heads, list.Count, 1, HopperThreads, sharedBytes,
                q, pass.K, pass.V, spans, list.Pointer, pass.LogSums, pass.Deltas, pass.Dy, dq, dq.Adds(),
                q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
        }
        if (dk is null && dv is null)
            return;
        var keys = pass.Tiles.Keys(HopperTileRows);
        Launch(
            q.Type, file, "attention_backward_keys", layout.KeyHeads, keys.Count, 1, HopperThreads, sharedBytes,
            q, pass.K, pass.V, spans, keys.Pointer, pass.LogSums, pass.Deltas, pass.Dy, dk, dk?.Adds() ?? 0, dv, dv?.Adds() ?? 0,
            q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
    }

    // What heads are padded to; null where the kernels of other cards are wanted.
    private int? HopperHead(Tensor q, AttentionLayout layout)
    {
        if (card.Major != HopperMajor || q.Type != DataType.BF16 || layout.HeadSize % HeadSizePack != 0 || layout.HeadSize > 128)
            return null;
        return layout.HeadSize <= 64 ? 64 : 128;
    }
}
