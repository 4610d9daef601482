using System.Numerics;

namespace Cria.Tensors;

/// <summary>Arrays that scopes gave back, by size, so that step 1000 holds what step 10 held.</summary>
/// <param name="standIn">What stands in for every array of a device without numbers; null for a device that computes.</param>
internal sealed class MemoryPool(StandIn? standIn = null)
{
    private const long SlabBytes = 64 << 20, LeastPiece = 64 << 10;

    private readonly Lock gate = new();
    private readonly Dictionary<long, Stack<Storage.CacheLine[]?>> idle = [];
    private long inUse, mostInUse, idleBytes;

    // Where the next lasting piece is cut from.
    private Storage.CacheLine[] slab = [];
    private long slabUsed;

    /// <summary>Bytes that this pool holds: handed out and never given back, or idle.</summary>
    public long Bytes => inUse + idleBytes;

    /// <summary>Bytes that were handed out and not given back.</summary>
    public long BytesInUse => inUse;

    /// <summary>The most bytes that it ever held.</summary>
    public long MostBytes { get; private set; }

    public Storage Take(long bytes)
    {
        long lines = SizeClass(Math.Max(1, (bytes + Storage.CacheLine.Size - 1) / Storage.CacheLine.Size));
        Storage.CacheLine[]? array;
        lock (gate)
        {
            bool found = TryTakeIdle(ref lines, out array);
            Count(lines, trim: !found);
        }
        return standIn is not null
            ? new Storage(standIn, lines, bytes)
            : new Storage(array ?? NewArray(lines), bytes);
    }

    /// <summary>Memory for what stays long, such as weights. It is not handed out again.</summary>
    /// <remarks>
    /// Pieces of large arrays. An array of some megabytes ends within a large page, of which the collector has not taken the rest when the
    /// first numbers are written; so it gets small ones there. A large array has them from end to end. It is collected when no piece is held.
    /// </remarks>
    public Storage TakeLasting(long bytes)
    {
        long lines = (bytes + Storage.CacheLine.Size - 1) / Storage.CacheLine.Size;
        if (bytes is < LeastPiece or > SlabBytes / 4)
            return Take(bytes);
        lock (gate)
        {
            if (slabUsed + lines >= slab.Length)
                (slab, slabUsed) = (NewArray(SlabBytes / Storage.CacheLine.Size), 0);
            slabUsed += lines;
            Count(lines, trim: false);
            return new Storage(slab, slabUsed - lines, lines, bytes);
        }
    }

    public void Give(Storage storage)
    {
        lock (gate)
        {
            if (storage.IsPiece)
            {
                inUse -= BytesOf(storage.Lines);
                return;
            }
            if (!idle.TryGetValue(storage.Lines, out var free))
                idle[storage.Lines] = free = new Stack<Storage.CacheLine[]?>();
            free.Push(storage.Array);
            inUse -= BytesOf(storage.Lines);
            idleBytes += BytesOf(storage.Lines);
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            idle.Clear();
            idleBytes = 0;
            slab = [];
        }
    }

    // Lines that are handed out.
    private void Count(long lines, bool trim)
    {
        inUse += BytesOf(lines);
        mostInUse = Math.Max(mostInUse, inUse);
        if (trim)
            Trim();
        MostBytes = Math.Max(MostBytes, Bytes);
    }

    private static Storage.CacheLine[] NewArray(long lines)
    {
        var array = Storage.NewArray(lines);
        MemoryAdvice.Advise(array);
        return array;
    }

    // An array somewhat too large is better than a new one: sequences of ever new lengths would fill a class each.
    private bool TryTakeIdle(ref long lines, out Storage.CacheLine[]? array)
    {
        for (long fits = lines; fits <= 2 * lines; fits = SizeClass(fits + 1))
        {
            if (idle.TryGetValue(fits, out var free) && free.TryPop(out array))
            {
                idleBytes -= BytesOf(fits);
                lines = fits;
                return true;
            }
        }
        array = null;
        return false;
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
