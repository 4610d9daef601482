using System.Collections.Concurrent;

namespace Cria.Tensors;

/// <summary>Memory of a card that scopes gave back, by size. All work runs on one stream, so what is given back can be taken again at once.</summary>
internal sealed unsafe class CudaPool(CudaCard card, CudaStream work) : IDisposable
{
    // Smaller pieces are cut from slabs, since an allocation of its own takes two mebibytes.
    private const long Grain = 512, SmallBytes = 1L << 20, SlabBytes = 16L << 20, LargeGrain = 2L << 20;
    private const int OutOfMemory = 2;

    private readonly Lock gate = new();
    private SortedDictionary<long, Stack<DeviceBlock>> idle = [], others = [];
    private readonly HashSet<nint> allocated = [];
    private readonly ConcurrentQueue<(nint Pointer, long Bytes)> found = new();
    private long inUse, mostInUse, idleBytes, othersBytes, slabLeft;
    private nint slab;
    private bool isDisposed, isApart;

    /// <summary>Bytes that this pool holds: handed out and never given back, or idle.</summary>
    public long Bytes => inUse + idleBytes + othersBytes;

    /// <summary>The most bytes that it ever held.</summary>
    public long MostBytes { get; private set; }

    /// <summary>The most bytes that it may hold.</summary>
    public long Limit { get; set; } = long.MaxValue;

    public DeviceBlock Take(long bytes)
    {
        long size = SizeOf(bytes);
        lock (gate)
        {
            Collect();
            var block = TryTakeIdle(size) ?? Make(size, bytes);
            inUse += block.Bytes;
            mostInUse = Math.Max(mostInUse, inUse);
            MostBytes = Math.Max(MostBytes, Bytes);
            return block;
        }
    }

    /// <summary>Memory that nobody had before: what is put there while work is recorded must not lie where that work writes earlier.</summary>
    public DeviceBlock TakeUnused(long bytes)
    {
        long size = SizeOf(bytes);
        lock (gate)
        {
            var block = Make(size, bytes);
            inUse += block.Bytes;
            MostBytes = Math.Max(MostBytes, Bytes);
            return block;
        }
    }

    public void Give(DeviceBlock block)
    {
        lock (gate)
        {
            inUse -= block.Bytes;
            AddIdle(block);
        }
    }

    /// <summary>From the thread of the garbage collector: a block that nobody holds any more.</summary>
    public void Found(nint pointer, long bytes)
    {
        if (!isDisposed)
            found.Enqueue((pointer, bytes));
    }

    /// <summary>From now on what is given back goes into a reserve, and only from there is it taken again.</summary>
    public CudaPoolReserve BeginReserve()
    {
        lock (gate)
        {
            Collect();
            var reserve = new CudaPoolReserve();
            (others, othersBytes, idle, idleBytes, isApart) = (idle, idleBytes, reserve.Idle, 0, true);
            return reserve;
        }
    }

    /// <summary>Goes on as before; the reserve is set aside.</summary>
    public void KeepReserve()
    {
        lock (gate)
        {
            Collect();
            inUse += idleBytes;         // nobody else can have it
            (idle, idleBytes, isApart) = (others, othersBytes, false);
            (others, othersBytes) = ([], 0);
        }
    }

    /// <summary>Gives the reserve's memory to everybody.</summary>
    public void EndReserve(CudaPoolReserve reserve)
    {
        foreach (var block in reserve.Idle.Values.SelectMany(blocks => blocks))
            Give(block);
        reserve.Idle.Clear();
    }

    /// <summary>Gives idle memory back to the card, for others.</summary>
    public void Trim()
    {
        lock (gate)
            FreeIdle(0);
    }

    public void ResetMost()
    {
        lock (gate)
            (mostInUse, MostBytes) = (inUse, Bytes);
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            foreach (nint pointer in allocated)
                _ = card.Driver.Free(pointer);
            allocated.Clear();
            idle.Clear();
        }
    }

    private DeviceBlock Make(long size, long wanted)
    {
        if (size < SmallBytes)
            return new DeviceBlock(this, Cut(size), size);
        FreeIdle(Math.Max(0, mostInUse + mostInUse / 16 - inUse - size));
        return new DeviceBlock(this, Allocate(size, wanted), size);
    }

    private nint Cut(long size)
    {
        if (slabLeft < size)
        {
            slab = Allocate(SlabBytes, SlabBytes);
            slabLeft = SlabBytes;
        }
        nint piece = slab;
        slab += (nint)size;
        slabLeft -= size;
        return piece;
    }

    private nint Allocate(long size, long wanted)
    {
        nint pointer = 0;
        int result = TryAllocate(size, &pointer);
        if (result == OutOfMemory)
        {
            FreeIdle(0);
            result = TryAllocate(size, &pointer);
        }
        if (result == OutOfMemory)
            throw CudaException.OutOfMemory(card.Name, Holdings(wanted));
        card.Check(result, "cuMemAlloc");
        allocated.Add(pointer);
        return pointer;
    }

    private int TryAllocate(long size, nint* pointer) => Bytes + size > Limit ? OutOfMemory : card.Driver.Allocate(pointer, (nuint)size);

    private CudaHoldings Holdings(long wanted)
    {
        long passing = Math.Min(inUse, TensorScope.OpenBytes);
        return new(wanted, inUse - passing, passing, idleBytes + othersBytes, card.MemoryBytes - card.FreeBytes - Bytes, card.MemoryBytes);
    }

    // A block somewhat too large is better than a new one: sequences of ever new lengths would fill a size each.
    private DeviceBlock? TryTakeIdle(long size)
    {
        if (idle.TryGetValue(size, out var same) && same.TryPop(out var block))
        {
            idleBytes -= size;
            return block;
        }
        if (size < SmallBytes)
            return null;
        foreach (var (bytes, free) in idle)
        {
            if (bytes > size + size / 4)
                break;
            if (bytes > size && free.TryPop(out block))
            {
                idleBytes -= bytes;
                return block;
            }
        }
        return null;
    }

    private void AddIdle(DeviceBlock block)
    {
        if (!idle.TryGetValue(block.Bytes, out var free))
            idle[block.Bytes] = free = new Stack<DeviceBlock>();
        free.Push(block);
        idleBytes += block.Bytes;
    }

    private void Collect()
    {
        while (found.TryDequeue(out var lost))
        {
            inUse -= lost.Bytes;
            AddIdle(new DeviceBlock(this, lost.Pointer, lost.Bytes));
        }
    }

    // The largest first. Pieces of slabs stay: they are little, and a slab is freed as a whole or not at all.
    private void FreeIdle(long keep)
    {
        if (isApart)        // what is recorded will use it
            return;
        foreach (var (bytes, free) in idle.Reverse())
        {
            while (bytes >= SmallBytes && idleBytes > keep && free.TryPop(out var block))
            {
                block.IsFreed = true;
                work.Synchronize();             // what still runs may read it; other backends of this card use none of it
                card.Check(card.Driver.Free(block.Pointer), "cuMemFree");
                allocated.Remove(block.Pointer);
                idleBytes -= bytes;
            }
        }
    }

    // Classes for small pieces; what is large is taken nearly as it is, or a model would waste what its classes waste.
    private static long SizeOf(long bytes)
    {
        long unit = bytes >= SmallBytes ? LargeGrain : Grain;
        while (bytes < SmallBytes && unit * 8 < bytes)
            unit *= 2;
        return Math.Max(unit, (bytes + unit - 1) / unit * unit);
    }
}
