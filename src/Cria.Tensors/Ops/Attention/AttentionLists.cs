namespace Cria.Tensors;

/// <summary>The lists of <see cref="AttentionTiles"/> on a card, kept while attention is over the same spans: all layers of a pass are.</summary>
/// <param name="layout">Its spans.</param>
/// <param name="keep">Brings numbers to the card.</param>
internal sealed class AttentionLists(AttentionLayout layout, Func<int[], TemporaryMemory> keep) : IDisposable
{
    private readonly AttentionTiles tiles = new(layout);
    private readonly Dictionary<(bool OfKeys, int Tile), AttentionList> lists = [];
    private TemporaryMemory? spans;

    /// <inheritdoc cref="AttentionTiles.KeyRows"/>
    public long KeyRows => tiles.KeyRows;

    /// <inheritdoc cref="AttentionTiles.Spans"/>
    public nint Spans => (spans ??= keep(tiles.Spans)).Pointer;

    /// <summary>Whether these are the lists of an attention.</summary>
    public bool AreOf(AttentionLayout other) => layout.Spans.AsSpan().SequenceEqual(other.Spans);

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
