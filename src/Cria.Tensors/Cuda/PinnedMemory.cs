namespace Cria.Tensors;

/// <summary>Host memory that a card reads and writes by itself, while the processor goes on.</summary>
internal sealed unsafe class PinnedMemory : IDisposable
{
    private readonly CudaCard card;

    public PinnedMemory(CudaCard card, int bytes)
    {
        this.card = card;
        void* made = null;
        card.Check(card.Driver.HostAllocate(&made, (nuint)bytes, 0), "cuMemHostAlloc");
        Pointer = (byte*)made;
        Bytes = bytes;
    }

    public byte* Pointer { get; }

    public int Bytes { get; }

    public Span<byte> Span(int start, int count) => new Span<byte>(Pointer, Bytes).Slice(start, count);

    public void Dispose() => _ = card.Driver.HostFree(Pointer);
}
