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
    private readonly DeviceBlock numbers;           // the seed, token ids, positions, targets, spans
    private readonly int[] current;
    private readonly ulong seed;                    // as it was when the work was recorded
    private readonly List<AttentionLists> lists = [];
    private readonly List<(DeviceBlock Block, byte[] Bytes)> constants = [];
    private DeviceBlock? sameTokens;
    private CudaPoolReserve? reserve;
    private nint graph;

    public CudaRecording(CudaBackend backend, CudaPool pool, RecordedInputs inputs)
    {
        (this.backend, this.pool, this.inputs) = (backend, pool, inputs);
        seed = inputs.Seed is [var one, ..] ? one : 0;
        current = new int[SpansAt + SpanInts * inputs.Spans.Length];
        numbers = pool.Take(current.Length * sizeof(int));
        lists.Add(new AttentionLists([.. inputs.Spans], KeepNumbers, PlaceOf(SpansAt)));
    }

    private static int TokensAt => sizeof(ulong) / sizeof(int);

    private int PositionsAt => TokensAt + inputs.Tokens.Length;

    private int TargetsAt => PositionsAt + inputs.Positions.Length;

    private int SpansAt => TargetsAt + inputs.Targets.Length;

    /// <summary>What was brought to the card while recording: it must be there before the first run.</summary>
    public IReadOnlyList<(DeviceBlock Block, byte[] Bytes)> Constants => constants;

    /// <summary>Where a kernel finds numbers of the host: those of the inputs where they change, others as they are now.</summary>
    public nint PlaceOf(ReadOnlySpan<byte> bytes)
    {
        int? place = Within(bytes, inputs.Tokens, TokensAt) ?? Within(bytes, inputs.Positions, PositionsAt) ?? Within(bytes, inputs.Targets, TargetsAt);
        return place is { } number ? PlaceOf(number) : Keep(bytes).Pointer;
    }

    /// <summary>Where a dropout finds the number of its pass.</summary>
    /// <exception cref="CudaException">Its seed is not one that changes with the pass.</exception>
    public nint PlaceOf(DropoutSeed of) => of.Place is not null && inputs.Seed.Length > 0 && of.Pass == seed ? PlaceOf(0) : throw CudaException.NotRecordable("a seed of its own");

    /// <summary>The lists of which places name the same id, where those are the changing ones: of the lengths that they have at most.</summary>
    public SameIdsPlace? PlaceOfSame(int[] ids)
    {
        if (ids.Length == 0 || ids != inputs.Tokens)
            return null;
        sameTokens ??= pool.TakeUnused((3 * ids.Length + 1) * sizeof(int));
        nint starts = sameTokens.Pointer + ids.Length * sizeof(int), order = starts + (ids.Length + 1) * sizeof(int);
        return new(new(sameTokens.Pointer, ids.Length), new(starts, ids.Length + 1), new(order, ids.Length));
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
        if (inputs.Seed is [var one, ..])
            MemoryMarshal.Write(MemoryMarshal.AsBytes(current.AsSpan()), one);
        inputs.Tokens.CopyTo(current, TokensAt);
        inputs.Positions.CopyTo(current, PositionsAt);
        inputs.Targets.CopyTo(current, TargetsAt);
        WriteSpans(current.AsSpan(SpansAt));
        if (sameTokens is not null)
        {
            int[] same = new int[3 * inputs.Tokens.Length + 1];
            new SameIds(inputs.Tokens).WriteFilled(same);
            backend.SetNumbers(sameTokens.Pointer, same);
        }
        backend.SetNumbers(numbers.Pointer, current);
        backend.RunGraph(graph);
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
        if (sameTokens is not null)
            pool.Give(sameTokens);
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

    // Where in the changing numbers a part of an array of the inputs lies; null for what is no part of it.
    private static int? Within(ReadOnlySpan<byte> bytes, int[] array, int at)
    {
        if (array.Length == 0 || bytes.IsEmpty)
            return null;
        long offset = Unsafe.ByteOffset(ref Unsafe.As<int, byte>(ref MemoryMarshal.GetArrayDataReference(array)), ref MemoryMarshal.GetReference(bytes));
        return offset >= 0 && offset + bytes.Length <= (long)array.Length * sizeof(int) ? at + (int)(offset / sizeof(int)) : null;
    }
}
