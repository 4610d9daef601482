namespace Cria.Tensors;

/// <summary>Moves large pieces between host memory and a card through pinned buffers: one is filled while the card empties another.</summary>
internal sealed unsafe class CudaTransfer : IDisposable
{
    private const int PieceBytes = 16 << 20, Buffers = 3;

    private readonly CudaCard card;
    private readonly CudaStream stream;
    private readonly PinnedMemory?[] buffers = new PinnedMemory?[Buffers];
    private readonly nint[] marks = new nint[Buffers];
    private int turn;

    public CudaTransfer(CudaCard card, CudaStream stream) => (this.card, this.stream) = (card, stream);

    /// <summary>Host memory to the card, in the order of the stream. The source may change as soon as this returns.</summary>
    public void ToDevice(Storage from, long offset, nint to, long count)
    {
        for (long done = 0; done < count; done += PieceBytes)
        {
            int some = (int)Math.Min(PieceBytes, count - done);
            var buffer = Next();
            Copy(from, offset + done, buffer, some);
            card.Check(card.Driver.CopyToDevice(to + (nint)done, buffer.Pointer, (nuint)some, stream.Handle), "cuMemcpyHtoDAsync");
            stream.Record(marks[turn]);
        }
    }

    /// <summary>The same from a span.</summary>
    public void ToDevice(ReadOnlySpan<byte> from, nint to)
    {
        for (int done = 0; done < from.Length; done += PieceBytes)
        {
            int some = Math.Min(PieceBytes, from.Length - done);
            var buffer = Next();
            from.Slice(done, some).CopyTo(buffer.Span(0, some));
            card.Check(card.Driver.CopyToDevice(to + done, buffer.Pointer, (nuint)some, stream.Handle), "cuMemcpyHtoDAsync");
            stream.Record(marks[turn]);
        }
    }

    /// <summary>From the card to host memory; waits until it is there.</summary>
    public void ToHost(nint from, Span<byte> to)
    {
        for (int done = 0; done < to.Length; done += PieceBytes)
        {
            int some = Math.Min(PieceBytes, to.Length - done);
            var buffer = Next();
            card.Check(card.Driver.CopyToHost(buffer.Pointer, from + done, (nuint)some, stream.Handle), "cuMemcpyDtoHAsync");
            stream.Synchronize();
            buffer.Span(0, some).CopyTo(to.Slice(done, some));
        }
    }

    public void Dispose()
    {
        for (int i = 0; i < Buffers; i++)
        {
            buffers[i]?.Dispose();
            if (marks[i] != 0)
                _ = card.Driver.EventDestroy(marks[i]);
        }
    }

    // Reading a mapped file is the slow half: several threads fault its pages in.
    private static void Copy(Storage from, long offset, PinnedMemory to, int count)
    {
        const int Part = 1 << 20;
        Parallel.For(0, (count + Part - 1) / Part, part =>
        {
            int start = part * Part, some = Math.Min(Part, count - start);
            from.Bytes(offset + start, some).CopyTo(to.Span(start, some));
        });
    }

    private PinnedMemory Next()
    {
        turn = (turn + 1) % Buffers;
        if (buffers[turn] is { } buffer)
        {
            card.Check(card.Driver.EventSynchronize(marks[turn]), "cuEventSynchronize");
            return buffer;
        }
        marks[turn] = stream.NewEvent();
        return buffers[turn] = new PinnedMemory(card, PieceBytes);
    }
}
