namespace Cria.Tensors;

/// <summary>The checked sizes of one attention: H <see cref="Heads"/>, K <see cref="KeyHeads"/>, D <see cref="HeadSize"/>, and who sees whom.</summary>
internal sealed record AttentionLayout(int Heads, int KeyHeads, int HeadSize, float Scale, AttentionSpan[] Spans, bool CoversAllQueries)
{
    /// <summary>How many heads share a key head.</summary>
    public int Group => Heads / KeyHeads;

    public static AttentionLayout Of(Tensor q, Tensor k, Tensor v, int headSize, IReadOnlyList<AttentionSpan> spans, float? scale)
    {
        Expect.Activation("Attend", q);
        Expect.Cached("Attend", k);
        Expect.Cached("Attend", v);
        Expect.SameLength("Attend", $"the rest of a head of {headSize} in blocks of {k.Type}", 0, headSize % Math.Max(k.Type.BlockLength, v.Type.BlockLength));
        Expect.Shape("Attend", "the shape of the values is that of the keys", k.Shape, v);
        int heads = HeadsIn("queries", q, headSize), keyHeads = HeadsIn("keys", k, headSize);
        Expect.SameLength("Attend", $"the rest of {heads} heads over {keyHeads} key heads", 0, heads % keyHeads);
        long covered = Check(spans, q.Shape.Rows, k.Shape.Rows);
        return new(heads, keyHeads, headSize, scale ?? 1 / MathF.Sqrt(headSize), [.. spans], covered == q.Shape.Rows);
    }

    /// <summary>How many pairs of a query and a key that it sees there are, in one head.</summary>
    public long Pairs => Spans.Sum(span => span.Causal
        ? (long)span.Queries * (span.Keys - span.Queries) + (long)span.Queries * (span.Queries + 1) / 2
        : (long)span.Queries * span.Keys);

    /// <summary>Spans that share keys stand in one group, so that groups can be worked on at once; in the order of their first key.</summary>
    public List<AttentionSpan[]> GroupsByKeys() => GroupsByKeys(Spans);

    /// <inheritdoc cref="GroupsByKeys()"/>
    public static List<AttentionSpan[]> GroupsByKeys(AttentionSpan[] spans)
    {
        var groups = new List<AttentionSpan[]>();
        var group = new List<AttentionSpan>();
        int end = 0;
        foreach (var span in spans.OrderBy(s => s.Key))     // stable: the order of sums is that of the caller
        {
            if (group.Count > 0 && span.Key >= end)
            {
                groups.Add([.. group]);
                group.Clear();
            }
            group.Add(span);
            end = Math.Max(end, span.Key + span.Keys);
        }
        if (group.Count > 0)
            groups.Add([.. group]);
        return groups;
    }

    private static int HeadsIn(string what, Tensor tensor, int headSize)
    {
        if (headSize < 1 || tensor.Shape.Columns == 0 || tensor.Shape.Columns % headSize != 0)
            throw ShapeException.Heads("Attend", what, tensor.Shape, headSize);
        return tensor.Shape.Columns / headSize;
    }

    private static long Check(IReadOnlyList<AttentionSpan> spans, int queries, int keys)
    {
        long covered = 0;
        int end = 0;
        foreach (var span in spans.OrderBy(s => s.Query))
        {
            if (span.Queries < 0 || span.Query < 0 || span.Query > queries - span.Queries)
                throw ShapeException.Span(span, $"the queries lie outside of {queries} rows");
            if (span.Keys < 1 || span.Key < 0 || span.Key > keys - span.Keys)
                throw ShapeException.Span(span, $"the keys lie outside of {keys} rows");
            if (span.Causal && span.Keys < span.Queries)
                throw ShapeException.Span(span, "a causal span has fewer keys than queries");
            if (span.Queries > 0 && span.Query < end)
                throw ShapeException.Span(span, $"another span has query row {span.Query} too");
            end = Math.Max(end, span.Query + span.Queries);
            covered += span.Queries;
        }
        return covered;
    }
}
