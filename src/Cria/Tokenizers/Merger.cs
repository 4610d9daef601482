namespace Cria.Tokenizers;

/// <summary>Byte-pair encoding: while neighbours can merge, merge the pair of the lowest rank, the leftmost of equals.</summary>
/// <remarks>
/// Sennrich et al. 2016, <see href="https://arxiv.org/abs/1508.07909"/>, section 3.2. Both kinds of LLaMA tokenizers end here; they differ in the symbols
/// they start from and in the ranks. Short words search all pairs at every step, which is quickest; long ones keep the pairs in a
/// queue, so that a megabyte of one letter takes n log n steps, not n².
/// </remarks>
internal sealed class Merger(MergeTable table)
{
    /// <summary>In symbols. The plain search is the quicker one up to about 200.</summary>
    internal const int Short = 128;

    private int[] symbols = new int[64];
    private int[] ranks = new int[64];      // plain search: of merging each symbol with the next
    private int[] next = [];                // queue: the links of a list of the symbols still there
    private int[] previous = [];
    private readonly PriorityQueue<int, ulong> queue = new();

    public int Count { get; private set; }

    /// <summary>The symbols: those added, then, after <see cref="Merge"/>, those that are left.</summary>
    public ReadOnlySpan<int> Symbols => symbols.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(int symbol)
    {
        if (Count == symbols.Length)
            Array.Resize(ref symbols, 2 * Count);
        symbols[Count++] = symbol;
    }

    public void Merge()
    {
        if (Count <= Short)
            MergeBySearch();
        else
            MergeByQueue();
    }

    internal void MergeBySearch()
    {
        if (ranks.Length < Count)
            ranks = new int[symbols.Length];
        for (int i = 0; i < Count; i++)
            ranks[i] = RankAt(i, i + 1, Count);

        while (Count > 1)
        {
            int best = Lowest(ranks.AsSpan(0, Count - 1));
            if (ranks[best] == int.MaxValue)
                return;
            table.Find(symbols[best], symbols[best + 1], out symbols[best]);
            Array.Copy(symbols, best + 2, symbols, best + 1, Count - best - 2);
            Array.Copy(ranks, best + 2, ranks, best + 1, Count - best - 2);
            Count--;
            ranks[best] = RankAt(best, best + 1, Count);
            if (best > 0)
                ranks[best - 1] = RankAt(best - 1, best, Count);
        }
    }

    internal void MergeByQueue()
    {
        LinkAll();
        for (int i = 0; i + 1 < Count; i++)
            Enqueue(i);

        while (queue.TryDequeue(out int left, out ulong priority))
        {
            int right = next[left];
            if (right == Count)
                continue;
            // An entry whose symbols have changed since is out of date: its pair has another rank now, or none.
            if (table.Find(symbols[left], symbols[right], out int token) != (int)(priority >> 32))
                continue;
            symbols[left] = token;
            next[left] = next[right];
            previous[next[left]] = left;
            next[right] = Count;            // gone: nothing may start from here again
            Enqueue(left);
            if (left > 0)
                Enqueue(previous[left]);
        }
        Compact();
    }

    private static int Lowest(ReadOnlySpan<int> ranks)
    {
        int best = 0;
        for (int i = 1; i < ranks.Length; i++)
            if (ranks[i] < ranks[best])
                best = i;
        return best;
    }

    private int RankAt(int left, int right, int end) => right < end ? table.Find(symbols[left], symbols[right], out _) : int.MaxValue;

    private void LinkAll()
    {
        if (next.Length <= Count)
            (next, previous) = (new int[symbols.Length + 1], new int[symbols.Length + 1]);
        for (int i = 0; i <= Count; i++)
            (next[i], previous[i]) = (i + 1, i - 1);
    }

    // Rank first, then place: the queue hands out equal ranks from left to right.
    private void Enqueue(int left)
    {
        int rank = RankAt(left, next[left], Count);
        if (rank != int.MaxValue)
            queue.Enqueue(left, (ulong)(uint)rank << 32 | (uint)left);
    }

    private void Compact()
    {
        int kept = 0;
        for (int i = 0; i < Count; i = next[i])
            symbols[kept++] = symbols[i];
        Count = kept;
    }
}
