using System.Numerics;

namespace Cria.Tensors;

/// <summary>Arrays that scopes gave back, by size, so that step 1000 holds what step 10 held.</summary>
internal sealed class MemoryPool
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, Stack<Storage.CacheLine[]>> idle = [];
    private long inUse, mostInUse, idleBytes;

    /// <summary>Bytes that this pool holds: handed out and never given back, or idle.</summary>
    public long Bytes => inUse + idleBytes;

    public Storage Take(long bytes)
    {
        long lines = SizeClass(Math.Max(1, (bytes + Storage.CacheLine.Size - 1) / Storage.CacheLine.Size));
        lock (gate)
        {
            var array = Idle(lines);
            inUse += array is null ? BytesOf(lines) : BytesOf(array.Length);
            mostInUse = Math.Max(mostInUse, inUse);
            if (array is not null)
                return new Storage(array, bytes);
            Trim();
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
            inUse -= BytesOf(array.Length);
            idleBytes += BytesOf(array.Length);
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            idle.Clear();
            idleBytes = 0;
        }
    }

    // An array somewhat too large is better than a new one: sequences of ever new lengths would fill a class each.
    private Storage.CacheLine[]? Idle(long lines)
    {
        for (long fits = lines; fits <= 2 * lines; fits = SizeClass(fits + 1))
        {
            if (idle.TryGetValue(fits, out var free) && free.TryPop(out var array))
            {
                idleBytes -= BytesOf(fits);
                return array;
            }
        }
        return null;
    }

    // Lengths that never come again would leave arrays behind that nobody takes: what is held stays near what was needed at once.
    private void Trim()
    {
        long most = mostInUse + mostInUse / 16;
        while (Bytes > most && idleBytes > 0)
        {
            var (lines, free) = idle.MaxBy(size => size.Key * size.Value.Count);
            free.Pop();
            idleBytes -= BytesOf(lines);
        }
    }

    private static long BytesOf(long lines) => lines * Storage.CacheLine.Size;

    // Eight classes for each doubling: at most an eighth of the memory is wasted, and sizes that differ a little share arrays.
    private static long SizeClass(long lines)
    {
        if (lines <= 8)
            return lines;
        int shift = BitOperations.Log2((ulong)lines) - 3;
        return (lines + (1L << shift) - 1) >> shift << shift;
    }
}
