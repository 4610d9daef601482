using System.Numerics;

namespace Cria.Tokenizers;

/// <summary>Which two neighbouring symbols become which token, and in what order: the lowest rank is merged first.</summary>
/// <remarks>
/// A symbol is a token id, or for SentencePiece the complement of a code point that is no token. An open hash table: a lookup is
/// the innermost step of encoding, and most lookups miss.
/// </remarks>
internal sealed class MergeTable
{
    private const int Empty = -1;

    private ulong[] keys;
    private (int Token, int Rank)[] values;
    private int count;

    public MergeTable(int capacity)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * capacity));
        (keys, values) = (new ulong[size], NewValues(size));
    }

    /// <summary>Adds a merge; of two for the same neighbours the first stays.</summary>
    public void Add(int left, int right, int token, int rank)
    {
        if (2 * count >= keys.Length)
            Grow();
        ulong key = Key(left, right);
        int slot = Slot(key);
        if (values[slot].Token != Empty)
            return;
        (keys[slot], values[slot]) = (key, (token, rank));
        count++;
    }

    /// <summary>The rank of merging two neighbours, or <see cref="int.MaxValue"/> if they do not merge.</summary>
    public int Find(int left, int right, out int token)
    {
        var value = values[Slot(Key(left, right))];
        token = value.Token;
        return value.Rank;
    }

    /// <summary>Every merge, first the one that is done first; of equal ranks first the one whose symbols are lower.</summary>
    public IEnumerable<(int Left, int Right)> Ordered() =>
        from slot in Enumerable.Range(0, keys.Length)
        where values[slot].Token != Empty
        orderby values[slot].Rank, keys[slot]
        select ((int)(keys[slot] >> 32), (int)keys[slot]);

    private static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    private static (int, int)[] NewValues(int size)
    {
        var values = new (int, int)[size];
        Array.Fill(values, (Empty, int.MaxValue));
        return values;
    }

    // Where the key stands or would stand. The table is never more than half full, so the search ends soon.
    private int Slot(ulong key)
    {
        ulong mixed = key * 0x9E3779B97F4A7C15;
        mixed ^= mixed >> 32;
        int mask = keys.Length - 1;
        int slot = (int)mixed & mask;
        while (values[slot].Token != Empty && keys[slot] != key)
            slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        var (oldKeys, oldValues) = (keys, values);
        (keys, values) = (new ulong[2 * oldKeys.Length], NewValues(2 * oldKeys.Length));
        for (int i = 0; i < oldKeys.Length; i++)
            if (oldValues[i].Token != Empty)
            {
                int slot = Slot(oldKeys[i]);
                (keys[slot], values[slot]) = (oldKeys[i], oldValues[i]);
            }
    }
}
