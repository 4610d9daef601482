using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>A graph of launches, with all that they read which is not a tensor, and the memory of their temporaries.</summary>
internal sealed unsafe class CudaRecording : RecordedWork
{
    private const int SpanInts = 5;

    private readonly CudaBackend backend;
    private readonly CudaPool pool;
    private readonly RecordedInputs inputs;
    private readonly DeviceBlock numbers;           // token ids, positions, spans
    private readonly int[] current;
    private readonly List<AttentionLists> lists = [];
    private readonly List<(DeviceBlock Block, byte[] Bytes)> constants = [];
    private CudaPoolReserve? reserve;
    private nint graph;

    public CudaRecording(CudaBackend backend, CudaPool pool, RecordedInputs inputs)
    {
        (this.backend, this.pool, this.inputs) = (backend, pool, inputs);
        current = new int[inputs.Tokens.Length + inputs.Positions.Length + SpanInts * inputs.Spans.Length];
        numbers = pool.Take(current.Length * sizeof(int));
        lists.Add(new AttentionLists([.. inputs.Spans], KeepNumbers, PlaceOf(inputs.Tokens.Length + inputs.Positions.Length)));
    }

    /// <summary>What was brought to the card while recording: it must be there before the first run.</summary>
    public IReadOnlyList<(DeviceBlock Block, byte[] Bytes)> Constants => constants;

    /// <summary>Where a kernel finds numbers of the host: those of the inputs where they change, others as they are now.</summary>
    public nint PlaceOf(ReadOnlySpan<byte> bytes)
    {
        if (AreSame(bytes, inputs.Tokens))
            return PlaceOf(0);
        return AreSame(bytes, inputs.Positions) ? PlaceOf(inputs.Tokens.Length) : Keep(bytes).Pointer;
    }

    /// <summary>The lists for an attention: those of the changing spans, or of spans that stay.</summary>
    public AttentionLists ListsOf(AttentionSpan[] spans)
    {
        var known = lists.Find(list => list.AreOf(spans));
        if (known is null)
            lists.Add(known = new AttentionLists(spans, KeepNumbers));
        return known;
    }

    /// <summary>Whether spans are those that grow from run to run, over rows that runs before left.</summary>
    public bool Grows(AttentionSpan[] spans) => lists[0].AreOf(spans);

    /// <summary>The most keys that some spans will see.</summary>
    public int MostKeys(AttentionSpan[] spans) => Grows(spans) ? inputs.MostKeys : spans.Max(span => span.Keys);

    /// <summary>The recorded graph, ready to run, and the memory that it works in.</summary>
    public void Complete(nint ready, CudaPoolReserve memory) => (graph, reserve) = (ready, memory);

    public override void Run()
    {
        ObjectDisposedException.ThrowIf(graph == 0, this);
        inputs.Tokens.CopyTo(current, 0);
        inputs.Positions.CopyTo(current, inputs.Tokens.Length);
        WriteSpans(current.AsSpan(inputs.Tokens.Length + inputs.Positions.Length));
        backend.RunGraph(graph, numbers.Pointer, MemoryMarshal.AsBytes(current.AsSpan()));
    }

    protected override void Dispose(bool disposing)
    {
        if (graph != 0)
            backend.DestroyGraph(graph);
        graph = 0;
        foreach (var list in lists)
            list.Dispose();
        foreach (var (block, _) in constants)
            pool.Give(block);
        pool.Give(numbers);
        if (reserve is not null)
            pool.EndReserve(reserve);
        lists.Clear();
        constants.Clear();
    }

    // Any order will do: each has one query, and the lists name each once.
    private void WriteSpans(Span<int> to)
    {
        foreach (var span in inputs.Spans)
        {
            if (span is not { Queries: 1, Causal: true } || span.Keys > inputs.MostKeys)
                throw new ArgumentException($"Recorded for spans of one query that see at most {inputs.MostKeys} keys, found {span}.");
            to[0] = span.Query;
            to[1] = span.Queries;
            to[2] = span.Key;
            to[3] = span.Keys;
            to[4] = 1;
            to = to[SpanInts..];
        }
    }

    private nint PlaceOf(int number) => numbers.Pointer + number * sizeof(int);

    private TemporaryMemory KeepNumbers(int[] some) => new(null, Keep(MemoryMarshal.AsBytes(some.AsSpan())));

    private DeviceBlock Keep(ReadOnlySpan<byte> bytes)
    {
        var block = pool.TakeUnused(bytes.Length);
        constants.Add((block, bytes.ToArray()));
        return block;
    }

    private static bool AreSame(ReadOnlySpan<byte> bytes, int[] numbers) =>
        numbers.Length > 0 && bytes.Length == numbers.Length * sizeof(int) &&
        Unsafe.AreSame(ref MemoryMarshal.GetReference(bytes), ref Unsafe.As<int, byte>(ref MemoryMarshal.GetArrayDataReference(numbers)));
}
