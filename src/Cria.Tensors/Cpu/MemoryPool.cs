using System.Numerics;

namespace Cria.Tensors;

/// <summary>Arrays that scopes gave back, by size, so that step 1000 holds what step 10 held.</summary>
internal sealed class MemoryPool
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, Stack<Storage.CacheLine[]>> idle = [];

    /// <summary>Bytes handed out or idle that this pool has allocated; arrays that the garbage collector took are counted until then.</summary>
    public long Bytes { get; private set; }

    public Storage Take(long bytes)
    {
        long lines = SizeClass(Math.Max(1, (bytes + Storage.CacheLine.Size - 1) / Storage.CacheLine.Size));
        lock (gate)
        {
            if (Idle(lines) is { } array)
                return new Storage(array, bytes);
            Bytes += lines * Storage.CacheLine.Size;
        }
        return new Storage(GC.AllocateUninitializedArray<Storage.CacheLine>(checked((int)lines), pinned: true), bytes);
    }

    public void Give(Storage storage)
    {
        var array = storage.Array!;
        lock (gate)
        {
            if (!idle.TryGetValue(array.Length, out var free))
                idle[array.Length] = free = new Stack<Storage.CacheLine[]>();
            free.Push(array);
        }
    }

    public void Clear()
    {
        lock (gate)
            idle.Clear();
    }

    // An array somewhat too large is better than a new one: sequences of ever new lengths would fill a class each.
    private Storage.CacheLine[]? Idle(long lines)
    {
        for (long fits = lines; fits <= 2 * lines; fits = SizeClass(fits + 1))
        {
            if (idle.TryGetValue(fits, out var free) && free.TryPop(out var array))
                return array;
        }
        return null;
    }

    // Eight classes for each doubling: at most an eighth of the memory is wasted, and sizes that differ a little share arrays.
    private static long SizeClass(long lines)
    {
        if (lines <= 8)
            return lines;
        int shift = BitOperations.Log2((ulong)lines) - 3;
        return (lines + (1L << shift) - 1) >> shift << shift;
    }
}
