namespace Cria.Tensors;

/// <summary>Which places of a list name the same id: so that one adds up the sum of an id, in the order of the list.</summary>
internal sealed class SameIds
{
    public SameIds(ReadOnlySpan<int> ids)
    {
        long[] keys = new long[ids.Length];
        for (int place = 0; place < ids.Length; place++)
            keys[place] = (long)ids[place] << 32 | (uint)place;
        Array.Sort(keys);
        Order = Array.ConvertAll(keys, key => (int)key);
        var (different, starts) = (new List<int>(), new List<int>());
        for (int i = 0; i < keys.Length; i++)
        {
            int id = (int)(keys[i] >> 32);
            if (i > 0 && id == different[^1])
                continue;
            different.Add(id);
            starts.Add(i);
        }
        starts.Add(keys.Length);
        (Different, Starts) = ([.. different], [.. starts]);
    }

    /// <summary>All three lists one after another, filled up to the lengths that they have at most, with ids that no place names.</summary>
    public void WriteFilled(Span<int> to)
    {
        int count = Order.Length;
        to[..(2 * count + 1)].Fill(count);
        Different.CopyTo(to);
        Starts.CopyTo(to[count..]);
        Order.CopyTo(to[(2 * count + 1)..]);
    }

    /// <summary>Every id once, ascending.</summary>
    public int[] Different { get; }

    /// <summary>Where the places of each of them begin in <see cref="Order"/>; then the end.</summary>
    public int[] Starts { get; }

    /// <summary>The places, those of one id after those of another.</summary>
    public int[] Order { get; }
}
