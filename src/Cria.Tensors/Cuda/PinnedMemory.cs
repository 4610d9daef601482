namespace Cria.Tensors;

/// <summary>Host memory that a card reads and writes by itself, while the processor goes on.</summary>
internal sealed unsafe class PinnedMemory : IDisposable, IDeviceMemory
{
    private readonly CudaCard card;

    public PinnedMemory(CudaCard card, long bytes)
    {
        this.card = card;
        void* made = null;
        card.Check(card.Driver.HostAllocate(&made, (nuint)bytes, 0), "cuMemHostAlloc");
        Pointer = (byte*)made;
        Bytes = bytes;
    }

    public byte* Pointer { get; }

    public long Bytes { get; }

    /// <summary>A card reads and writes it where it is.</summary>
    public nint Address => (nint)Pointer;

    public bool IsFrozen => false;

    public Span<byte> Span(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Bytes, nameof(count));
        return new(Pointer + start, count);
    }

    public void Clear()
    {
        const int Piece = 1 << 30;
        for (long at = 0; at < Bytes; at += Piece)
            Span(at, (int)Math.Min(Piece, Bytes - at)).Clear();
    }

    public void Dispose() => _ = card.Driver.HostFree(Pointer);
}
