namespace Cria.Templates;

/// <summary>A map, in the order in which it was written. It cannot change.</summary>
internal sealed class MapValue : Value
{
    private readonly OrderedDictionary<Value, Value> entries = [];

    public MapValue(IEnumerable<KeyValuePair<Value, Value>> pairs)
    {
        foreach (var (key, value) in pairs)
            entries[Checked(key)] = value;
        (Size, Depth) = Extent.Of(entries.Keys.Concat(entries.Values));
    }

    public override string Kind => "a map";

    public override bool IsTrue => entries.Count > 0;

    public override long Size { get; }

    public override int Depth { get; }

    public int Count => entries.Count;

    public IReadOnlyList<Value> Keys => entries.Keys;

    public IReadOnlyList<Value> Values => entries.Values;

    public IEnumerable<KeyValuePair<Value, Value>> Entries => entries;

    /// <summary>The pairs as a list of tuples.</summary>
    public ListValue Items => new([.. entries.Select(entry => new ListValue([entry.Key, entry.Value], isTuple: true))]);

    public Value? Find(Value key) => entries.TryGetValue(key, out var value) ? value : null;

    public Value? Find(string key) => Find(new Text(key));

    public override bool Equals(object? other) => other is MapValue map && map.Count == Count
        && entries.All(entry => map.Find(entry.Key) is { } value && value.Equals(entry.Value));

    public override int GetHashCode() => Count;

    private static Value Checked(Value key) => key is Text or Number or None or ListValue { IsTuple: true }
        ? key
        : throw new JinjaException($"{key.Kind} cannot be the key of a map.");
}
