namespace Cria.Tensors;

/// <summary>What the blocks of a card work on in one attention: the lists that its kernels take.</summary>
/// <remarks>Spans stand in the order of their first key, and those that share keys side by side: so the sums over spans have one order.</remarks>
internal sealed class AttentionTiles
{
    private readonly List<AttentionSpan[]> groups;
    private readonly AttentionSpan[] spans;

    public AttentionTiles(AttentionSpan[] ofSpans)
    {
        groups = AttentionLayout.GroupsByKeys(ofSpans);
        spans = [.. groups.SelectMany(group => group)];
    }

    /// <summary>Five numbers for each span: its first query, queries, first key, keys, and 1 where causal.</summary>
    public int[] Spans => [.. spans.SelectMany(span => new[] { span.Query, span.Queries, span.Key, span.Keys, span.Causal ? 1 : 0 })];

    /// <summary>The key rows that some span sees.</summary>
    public long KeyRows => groups.Sum(group => (long)End(group) - group[0].Key);

    /// <summary>(span, first query) of every tile of so many queries, those that see most first: a short one can fill the end.</summary>
    public int[] Queries(int tile)
    {
        var tiles = new List<(int Span, int First, int Seen)>();
        for (int i = 0; i < spans.Length; i++)
        {
            for (int first = 0; first < spans[i].Queries; first += tile)
                tiles.Add((i, first, AttentionTile.Seen(spans[i], Math.Min(spans[i].Queries, first + tile) - 1)));
        }
        return [.. tiles.OrderByDescending(tile => tile.Seen).SelectMany(tile => new[] { tile.Span, tile.First })];
    }

    /// <summary>(first key row, keys, first span, spans) of every tile of so many keys, those that are seen most first.</summary>
    public int[] Keys(int tile)
    {
        var tiles = new List<(int First, int Count, int Span, int Spans, long Seen)>();
        int firstSpan = 0;
        foreach (var group in groups)
        {
            int end = End(group);
            for (int first = group[0].Key; first < end; first += tile)
                tiles.Add((first, Math.Min(tile, end - first), firstSpan, group.Length, group.Sum(span => (long)QueriesThatSee(span, first, first + tile))));
            firstSpan += group.Length;
        }
        return [.. tiles.OrderByDescending(tile => tile.Seen).SelectMany(tile => new[] { tile.First, tile.Count, tile.Span, tile.Spans })];
    }

    // Any of the key rows first … end − 1.
    private static int QueriesThatSee(AttentionSpan span, int first, int end)
    {
        if (end <= span.Key || first >= span.Key + span.Keys)
            return 0;
        int firstQuery = span.Causal ? Math.Max(0, first - span.Key - (span.Keys - span.Queries)) : 0;
        return span.Queries - firstQuery;
    }

    private static int End(AttentionSpan[] group) => group.Max(span => span.Key + span.Keys);
}
