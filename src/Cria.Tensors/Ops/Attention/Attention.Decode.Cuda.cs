namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int DecodeQueries = 8, DecodeThreads = 256, BlocksOfMultiprocessor = 2, LeastKeysOfPart = 64, MostParts = 64;

    // Few queries cannot fill tiles; they are many small reads of the keys instead, split over the card.
    private static bool DecodesWith(AttentionLayout layout) =>
        layout.HeadSize % HeadSizePack == 0 && layout.HeadSize <= MostHeadSize && layout.Spans.All(span => span.Queries <= DecodeQueries);

    private void Decode(Tensor q, Tensor k, Tensor v, AttentionLayout layout, AttentionLists tiles, Tensor y)
    {
        var list = tiles.Queries(1);
        bool isCache = recording?.Grows(layout.Spans) == true;
        int rows = list.Count, keys = recording?.MostKeys(layout.Spans) ?? layout.Spans.Max(span => span.Keys);
        int parts = Math.Clamp(Math.Min(card.Multiprocessors * BlocksOfMultiprocessor / Math.Max(1, rows * layout.KeyHeads), keys / LeastKeysOfPart), 1, MostParts);
        int lanes = LanesOf(layout), group = layout.Group switch { 1 => 1, 2 => 2, <= 4 => 4, _ => 8 };
        string file = $"attention_decode LANES={lanes} GROUP={group}";
        var (spans, queries) = (tiles.Spans, list.Pointer);
        using var memory = Temporary((long)rows * layout.Heads * parts * (layout.HeadSize + 2) * sizeof(float));
        Begin();
        LaunchNow(
            Start.Early, q.Type, file, "attention_decode", layout.KeyHeads, parts, rows, DecodeThreads, 0,
            q, k, v, spans, queries, memory, layout.Heads, layout.KeyHeads, layout.HeadSize, layout.Scale, isCache ? 1 : 0);
        LaunchNow(
            Start.Early, q.Type, file, "attention_decode_join", rows * layout.Heads, 1, 1, AttentionThreads, 0,
            memory, spans, queries, y, layout.Heads, layout.HeadSize, parts);
    }
}
