namespace Cria.Tensors;

/// <summary>Brings small arrays to a card without waiting and without allocating: positions, token ids, lists of tiles.</summary>
/// <remarks>Two halves: one is filled while the copies out of the other, marked at its end, are waited for. That is rarely more than a look.</remarks>
internal sealed unsafe class UploadRing : IDisposable
{
    private const int Alignment = 256;

    private readonly CudaCard card;
    private readonly CudaStream stream;
    private readonly PinnedMemory host;
    private readonly DeviceBlock device;
    private readonly CudaPool pool;
    private readonly nint[] marks;
    private int next;

    public UploadRing(CudaCard card, CudaPool pool, CudaStream stream, int bytes)
    {
        (this.card, this.pool, this.stream) = (card, pool, stream);
        host = new PinnedMemory(card, bytes);
        device = pool.Take(bytes);
        marks = [stream.NewEvent(), stream.NewEvent()];
    }

    /// <summary>The most bytes at once.</summary>
    public int MostBytes => (int)host.Bytes / 4;

    /// <summary>The place on the card; unless one is given, it is valid for what is launched until a quarter of the ring was filled again.</summary>
    public nint Upload(ReadOnlySpan<byte> bytes, nint? to = null)
    {
        int size = (bytes.Length + Alignment - 1) / Alignment * Alignment, bytesOfRing = (int)host.Bytes, half = bytesOfRing / 2;
        int end = next < half ? half : bytesOfRing;
        if (next + size > end)
        {
            stream.Record(marks[end == half ? 0 : 1]);
            next = end % bytesOfRing;
            card.Check(card.Driver.EventSynchronize(marks[next == half ? 1 : 0]), "cuEventSynchronize");
        }
        nint place = to ?? device.Pointer + next;
        bytes.CopyTo(host.Span(next, bytes.Length));
        card.Check(card.Driver.CopyToDevice(place, host.Pointer + next, (nuint)bytes.Length, stream.Handle), "cuMemcpyHtoDAsync");
        next += size;
        return place;
    }

    public void Dispose()
    {
        pool.Give(device);
        host.Dispose();
        foreach (nint mark in marks)
            _ = card.Driver.EventDestroy(mark);
    }
}
