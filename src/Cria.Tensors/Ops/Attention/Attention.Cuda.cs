namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int AttentionTileRows = 64, AttentionThreads = 128, AttentionWarps = 4, MostHeadSize = 256, HeadSizePack = 8;

    private AttentionLists? attentionLists;

    internal override void Attend(Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor? logSums)
    {
        var tiles = ListsOf(layout.Spans);
        if (logSums is null && DecodesWith(layout))
            Decode(q, k, v, layout, tiles, y);
        else if (HopperHead(q, layout) is { } hopperHead)
            AttendOnHopper(q, k, v, layout, tiles, hopperHead, y, logSums);
        else if (TensorHead(q, layout) is { } head)
            AttendInTiles(q, k, v, layout, tiles, head, y, logSums);
        else
            AttendPlainly(q, k, v, layout, tiles, y, logSums);
    }

    internal override void AttendBackward(
        Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor logSums, Tensor dy, Tensor? dq, Tensor? dk, Tensor? dv)
    {
        var tiles = ListsOf(layout.Spans);
        if (!layout.CoversAllQueries)
            dq?.Settle();
        if (tiles.KeyRows < k.Shape.Rows)
        {
            dk?.Settle();
            dv?.Settle();
        }
        int rows = q.Shape.Rows;
        using var deltas = Temporary((long)rows * layout.Heads * sizeof(float));
        int lanes = LanesOf(layout);
        Launch(
            q.Type, "attention_plain", "attention_deltas", Blocks((long)rows * layout.Heads * lanes, AttentionThreads), 1, 1, AttentionThreads, 0,
            y, dy, deltas, rows, layout.Heads, layout.HeadSize, lanes);
        var pass = new AttentionPass(q, k, v, layout, tiles, logSums, deltas.Pointer, dy);
        if (HopperHead(q, layout) is { } hopperHead)
            BackwardOnHopper(pass, hopperHead, dq, dk, dv);
        else if (TensorHead(q, layout) is { } head)
            BackwardInTiles(pass, head, dq, dk, dv);
        else
            BackwardPlainly(pass, dq, dk, dv);
    }

    private void AttendInTiles(Tensor q, Tensor k, Tensor v, AttentionLayout layout, AttentionLists tiles, AttentionHead head, Tensor y, Tensor? logSums)
    {
        var list = tiles.Queries(AttentionTileRows);
        Launch(
            q.Type, head.File, "attention_forward", layout.Heads, list.Count, 1, AttentionThreads, head.ForwardBytes,
            q, k, v, tiles.Spans, list.Pointer, y, logSums, q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
    }

    private void AttendPlainly(Tensor q, Tensor k, Tensor v, AttentionLayout layout, AttentionLists tiles, Tensor y, Tensor? logSums)
    {
        var list = tiles.Queries(1);
        Launch(
            q.Type, "attention_plain", "attention_forward_plain", layout.Heads, Blocks(list.Count, AttentionWarps), 1, AttentionThreads,
            AttentionWarps * layout.HeadSize * sizeof(float),
            q, k, v, tiles.Spans, list.Pointer, list.Count, y, logSums, q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
    }

    private void BackwardInTiles(AttentionPass pass, AttentionHead head, Tensor? dq, Tensor? dk, Tensor? dv)
    {
        var (q, layout) = (pass.Q, pass.Layout);
        var spans = pass.Tiles.Spans;
        if (dq is not null)
        {
            var list = pass.Tiles.Queries(AttentionTileRows);
            Launch(
                q.Type, head.File, "attention_backward_queries", layout.Heads, list.Count, 1, AttentionThreads, head.BackwardBytes,
                q, pass.K, pass.V, spans, list.Pointer, pass.LogSums, pass.Deltas, pass.Dy, dq, dq.Adds(),
                q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
        }
        if (dk is null && dv is null)
            return;
        var keys = pass.Tiles.Keys(AttentionTileRows);
        Launch(
            q.Type, head.File, "attention_backward_keys", layout.KeyHeads, keys.Count, head.Parts, AttentionThreads, head.BackwardBytes,
            q, pass.K, pass.V, spans, keys.Pointer, pass.LogSums, pass.Deltas, pass.Dy, dk, dk?.Adds() ?? 0, dv, dv?.Adds() ?? 0,
            q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
    }

    private void BackwardPlainly(AttentionPass pass, Tensor? dq, Tensor? dk, Tensor? dv)
    {
        var (q, layout) = (pass.Q, pass.Layout);
        var spans = pass.Tiles.Spans;
        int sharedBytes = AttentionWarps * layout.HeadSize * sizeof(float);
        if (dq is not null)
        {
            var list = pass.Tiles.Queries(1);
            Launch(
                q.Type, "attention_plain", "attention_backward_queries_plain", layout.Heads, Blocks(list.Count, AttentionWarps), 1, AttentionThreads, sharedBytes,
                q, pass.K, pass.V, spans, list.Pointer, list.Count, pass.LogSums, pass.Deltas, pass.Dy, dq, dq.Adds(),
                q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
        }
        if (dk is null && dv is null)
            return;
        var keys = pass.Tiles.Keys(AttentionWarps);
        Launch(
            q.Type, "attention_plain", "attention_backward_keys_plain", layout.KeyHeads, keys.Count, 1, AttentionThreads, 2 * sharedBytes,
            q, pass.K, pass.V, spans, keys.Pointer, pass.LogSums, pass.Deltas, pass.Dy, dk, dk?.Adds() ?? 0, dv, dv?.Adds() ?? 0,
            q.Shape.Rows, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale);
    }

    private AttentionLists ListsOf(AttentionSpan[] spans)
    {
        if (recording is not null)
            return recording.ListsOf(spans);
        if (attentionLists?.AreOf(spans) != true)
        {
            Begin();
            attentionLists?.Dispose();
            attentionLists = new AttentionLists(spans, Keep);
        }
        return attentionLists;
    }

    // Numbers on the card for longer than an upload lasts.
    private TemporaryMemory Keep(int[] numbers)
    {
        long bytes = (long)numbers.Length * sizeof(int);
        var memory = Temporary(bytes);
        if (bytes > 0)
            CopyNow(Upload(numbers).Pointer, memory.Pointer, bytes);
        return memory;
    }

    // The tiles of attention_tensor.cu for these heads, as many stages as fit the card; null where only the plain kernels will do.
    private AttentionHead? TensorHead(Tensor q, AttentionLayout layout)
    {
        if (q.Type != DataType.BF16 || layout.HeadSize % HeadSizePack != 0 || layout.HeadSize > MostHeadSize)
            return null;
        int size = AttentionHead.Sizes.First(size => size >= layout.HeadSize);
        for (int stages = 2; stages > 0; stages--)
        {
            var head = new AttentionHead(size, stages);
            if (head.BackwardBytes <= card.SharedBytes)
                return head;
        }
        return null;
    }

    // How many lanes of 8 numbers cover a head.
    private static int LanesOf(AttentionLayout layout) => layout.HeadSize <= 64 ? 8 : layout.HeadSize <= 128 ? 16 : 32;

    /// <summary>What every kernel of a backward pass reads.</summary>
    private sealed record AttentionPass(
        Tensor Q, Tensor K, Tensor V, AttentionLayout Layout, AttentionLists Tiles, Tensor LogSums, nint Deltas, Tensor Dy);
}

/// <summary>How attention_tensor.cu is compiled for heads of up to some size, and the shared memory that it then takes.</summary>
/// <param name="Size">Of a head in shared memory, in numbers.</param>
/// <param name="Stages">Tiles of the other side at a time.</param>
internal readonly record struct AttentionHead(int Size, int Stages)
{
    private const int TileRows = 64, PadNumbers = 8, SumBytes = 2 * TileRows * sizeof(float);

    /// <summary>What heads are padded to.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [64, 80, 96, 128, 256];

    public string File => $"attention_tensor HEAD={Size} STAGES={Stages}";

    /// <summary>Queries, and the stages of keys and values.</summary>
    public int ForwardBytes => TileBytes * (1 + 2 * Stages);

    /// <summary>Two tiles of one side, the stages of two of the other, and their sums.</summary>
    public int BackwardBytes => TileBytes * (2 + 2 * Stages) + Stages * SumBytes;

    /// <summary>Into how many parts the columns of dk and dv are split.</summary>
    public int Parts => Size > 128 ? 2 : 1;

    private int TileBytes => TileRows * (Size + PadNumbers) * sizeof(ushort);
}
