namespace Cria.Tensors;

/// <summary>A queue of work on a card: what is put in runs in that order, while the caller goes on.</summary>
internal sealed unsafe class CudaStream : IDisposable
{
    private const uint NonBlocking = 1, NoTiming = 2;

    private readonly CudaCard card;

    public CudaStream(CudaCard card)
    {
        this.card = card;
        nint made = 0;
        card.Check(card.Driver.StreamCreate(&made, NonBlocking), "cuStreamCreate");
        Handle = made;
    }

    public nint Handle { get; }

    /// <summary>Waits until everything put in so far is done.</summary>
    public void Synchronize() => card.Check(card.Driver.StreamSynchronize(Handle), "cuStreamSynchronize");

    /// <summary>A mark behind what was put in so far.</summary>
    public nint NewEvent()
    {
        nint made = 0;
        card.Check(card.Driver.EventCreate(&made, NoTiming), "cuEventCreate");
        return made;
    }

    public void Record(nint mark) => card.Check(card.Driver.EventRecord(mark, Handle), "cuEventRecord");

    /// <summary>Lets this queue wait for a mark of another one.</summary>
    public void WaitFor(nint mark) => card.Check(card.Driver.StreamWaitEvent(Handle, mark, 0), "cuStreamWaitEvent");

    public void Dispose() => _ = card.Driver.StreamDestroy(Handle);
}
