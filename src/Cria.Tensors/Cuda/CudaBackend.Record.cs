using System.Runtime.InteropServices;

namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    // The other modes forbid this thread, or all, to take memory meanwhile; what ends a recording in any mode is waiting for the whole context.
    private const int CaptureRelaxed = 2;

    // Whose work this thread records.
    [ThreadStatic]
    private static CudaBackend? recorder;

    // While work is recorded.
    private CudaRecording? recording;

    /// <summary>Why the last work that was to be recorded was not; null where it was.</summary>
    internal string? NotRecordedBecause { get; private set; }

    /// <inheritdoc/>
    public override RecordedWork? Record(RecordedInputs inputs, Action work)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(work);
        Begin();
        var made = new CudaRecording(this, pool, inputs);
        var reserve = pool.BeginReserve();
        nint graph = Capture(made, work);
        pool.KeepReserve();
        made.Complete(graph, reserve);
        if (graph == 0)
        {
            made.Dispose();
            return null;
        }
        foreach (var (block, bytes) in made.Constants)
            transfer.ToDevice(bytes, block.Pointer);
        return made;
    }

    /// <summary>Brings new numbers to where a graph reads them.</summary>
    internal void SetNumbers(nint to, int[] numbers)
    {
        Begin();
        var bytes = MemoryMarshal.AsBytes(numbers.AsSpan());
        if (bytes.Length > ring.MostBytes)
            transfer.ToDevice(bytes, to);
        else
            ring.Upload(bytes, to);
    }

    internal unsafe void RunGraph(nint graph)
    {
        Begin();
        card.Check(card.Driver.GraphLaunch(graph, stream.Handle), "cuGraphLaunch");
    }

    internal unsafe void DestroyGraph(nint graph)
    {
        if (isDisposed)
            return;
        card.Enter();
        stream.Synchronize();
        _ = card.Driver.GraphExecDestroy(graph);
    }

    // What must wait for the card, or takes numbers of this moment, ends recording.
    private void RefuseToRecord(string what)
    {
        if (recording is not null)
            throw CudaException.NotRecordable(what);
    }

    // What another backend is asked for while this thread records would be done at once, and not when the recorded work runs.
    private void RefuseWithinAnother()
    {
        if (recorder is { } other && other != this)
            throw CudaException.OfAnother(Name, other.Name);
    }

    // Whatever goes wrong, the stream must leave its recording state. 0 where the work cannot be recorded.
    private unsafe nint Capture(CudaRecording into, Action work)
    {
        nint graph = 0, ready = 0;
        using var alone = CudaCard.EnterAlone();
        card.Check(card.Driver.BeginCapture(stream.Handle, CaptureRelaxed), "cuStreamBeginCapture");
        (recording, recorder) = (into, this);
        bool isWhole = false;
        NotRecordedBecause = null;
        try
        {
            work();
            Begin();
            isWhole = true;
        }
        catch (CudaException because)
        {
            NotRecordedBecause = because.Message;
            few.Clear();
            turns.Clear();
        }
        finally
        {
            (recording, recorder) = (null, null);
            int ended = card.Driver.EndCapture(stream.Handle, &graph);
            isWhole &= ended == 0 && graph != 0;
            int made = isWhole ? card.Driver.GraphInstantiate(&ready, graph, 0) : 0;
            isWhole &= made == 0;
            if (!isWhole)
                NotRecordedBecause ??= $"cuStreamEndCapture gave {ended}, cuGraphInstantiateWithFlags {made}.";
            if (graph != 0)
                _ = card.Driver.GraphDestroy(graph);
        }
        return isWhole ? ready : 0;
    }
}
