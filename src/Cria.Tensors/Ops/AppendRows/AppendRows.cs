namespace Cria.Tensors;

public abstract partial class Backend
{
    /// <summary>
    /// Copies the query rows of each span into a cache: to the last rows of those that the span sees. Not part of the gradient.
    /// </summary>
    /// <param name="from">The new rows (N, c), an activation.</param>
    /// <param name="to">The cache (M, c), of the same type or one of <see cref="CacheTypes"/>.</param>
    /// <param name="spans">Where rows come from and where they go; query i of a span goes to key row <c>Key + Keys − Queries + i</c>.</param>
    /// <exception cref="ShapeException">The columns differ, or the rows lie outside.</exception>
    public void AppendRows(Tensor from, Tensor to, IReadOnlyList<AttentionSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(spans);
        Expect.Activation("AppendRows", from);
        ExpectTakesRows("AppendRows", from, to);
        foreach (var span in spans)
        {
            Expect.Range("AppendRows", "rows of the source", span.Query, span.Queries, from.Shape.Rows);
            Expect.Range("AppendRows", "rows of the cache", PlaceOf(span), span.Queries, to.Shape.Rows);
        }
        AppendRowsChecked(from, to, spans);
    }

    internal virtual void AppendRowsChecked(Tensor from, Tensor to, IReadOnlyList<AttentionSpan> spans)
    {
        foreach (var span in spans)
            CopyRowsChecked(from, span.Query, to, PlaceOf(span), span.Queries);
    }

    private static int PlaceOf(AttentionSpan span) => span.Key + span.Keys - span.Queries;
}
