namespace Cria.Tensors;

/// <summary>The lists of <see cref="AttentionTiles"/> on a card, kept while attention is over the same spans: all layers of a pass are.</summary>
/// <param name="ofSpans">The spans.</param>
/// <param name="keep">Brings numbers to the card.</param>
/// <param name="place">Where the card has the spans already, as <see cref="AttentionTiles.Spans"/> has them.</param>
internal sealed class AttentionLists(AttentionSpan[] ofSpans, Func<int[], TemporaryMemory> keep, nint? place = null) : IDisposable
{
    private readonly AttentionTiles tiles = new(ofSpans);
    private readonly Dictionary<(bool OfKeys, int Tile), AttentionList> lists = [];
    private TemporaryMemory? spans;

    /// <inheritdoc cref="AttentionTiles.KeyRows"/>
    public long KeyRows => tiles.KeyRows;

    /// <inheritdoc cref="AttentionTiles.Spans"/>
    public nint Spans => place ?? (spans ??= keep(tiles.Spans)).Pointer;

    /// <summary>Whether these are the lists of an attention.</summary>
    public bool AreOf(AttentionSpan[] others) => ofSpans.AsSpan().SequenceEqual(others);

    /// <inheritdoc cref="AttentionTiles.Queries"/>
    public AttentionList Queries(int tile) => Find(ofKeys: false, tile);

    /// <inheritdoc cref="AttentionTiles.Keys"/>
    public AttentionList Keys(int tile) => Find(ofKeys: true, tile);

    public void Dispose()
    {
        spans?.Dispose();
        foreach (var list in lists.Values)
            list.Memory.Dispose();
    }

    private AttentionList Find(bool ofKeys, int tile)
    {
        if (lists.TryGetValue((ofKeys, tile), out var known))
            return known;
        int[] numbers = ofKeys ? tiles.Keys(tile) : tiles.Queries(tile);
        return lists[(ofKeys, tile)] = new AttentionList(keep(numbers), numbers.Length / (ofKeys ? 4 : 2));
    }
}

/// <summary>One list on a card, and how many entries it has.</summary>
internal readonly record struct AttentionList(TemporaryMemory Memory, int Count)
{
    public nint Pointer => Memory.Pointer;
}
