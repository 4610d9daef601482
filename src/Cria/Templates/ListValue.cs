using System.Collections;

namespace Cria.Templates;

/// <summary>A list or a tuple. Neither can change.</summary>
internal sealed class ListValue : Value, IReadOnlyList<Value>
{
    private readonly IReadOnlyList<Value> items;

    public ListValue(IReadOnlyList<Value> items, bool isTuple = false)
    {
        (this.items, IsTuple) = (items, isTuple);
        (Size, Depth) = Extent.Of(items);
    }

    public bool IsTuple { get; }

    public override string Kind => IsTuple ? "a tuple" : "a list";

    public override bool IsTrue => items.Count > 0;

    public override long Size { get; }

    public override int Depth { get; }

    public int Count => items.Count;

    public Value this[int index] => items[index];

    public IEnumerator<Value> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? other) => other is ListValue list && list.IsTuple == IsTuple && list.items.SequenceEqual(items);

    public override int GetHashCode() => items.Aggregate(items.Count, (hash, item) => HashCode.Combine(hash, item.GetHashCode()));
}

/// <summary>How much lists and maps hold, and how deep: bounded, so that whatever walks through them ends.</summary>
internal static class Extent
{
    public static (long Size, int Depth) Of(IEnumerable<Value> children)
    {
        long size = 1;
        int depth = 0;
        foreach (var child in children)
            (size, depth) = (size + child.Size, Math.Max(depth, child.Depth));
        if (size > Budget.MostValues)
            throw new JinjaException($"a list or map holds more than {Budget.MostValues} values.");
        if (depth >= Budget.MostDepth)
            throw new JinjaException($"lists and maps are nested deeper than {Budget.MostDepth} levels.");
        return (size, depth + 1);
    }
}
