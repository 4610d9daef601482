using System.Runtime.Intrinsics;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Attend(Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor? logSums)
    {
        if (Vector512.IsHardwareAccelerated)
            Attend(new AttentionForward<Lanes512, Vector512<float>>(q, k, v, layout, y, logSums), layout);
        else if (Vector256.IsHardwareAccelerated)
            Attend(new AttentionForward<Lanes256, Vector256<float>>(q, k, v, layout, y, logSums), layout);
        else
            Attend(new AttentionForward<Lanes128, Vector128<float>>(q, k, v, layout, y, logSums), layout);
    }

    internal override void AttendBackward(
        Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor logSums, Tensor dy, Tensor? dq, Tensor? dk, Tensor? dv)
    {
        dq?.Settle();
        dk?.Settle();
        dv?.Settle();
        if (Vector512.IsHardwareAccelerated)
            AttendBackward(new AttentionBackward<Lanes512, Vector512<float>>(q, k, v, layout, y, logSums, dy, dq, dk, dv), layout);
        else if (Vector256.IsHardwareAccelerated)
            AttendBackward(new AttentionBackward<Lanes256, Vector256<float>>(q, k, v, layout, y, logSums, dy, dq, dk, dv), layout);
        else
            AttendBackward(new AttentionBackward<Lanes128, Vector128<float>>(q, k, v, layout, y, logSums, dy, dq, dk, dv), layout);
    }

    /// <summary>Splits the work over heads and blocks of queries.</summary>
    internal void Attend<TLanes, TVector>(AttentionForward<TLanes, TVector> kernel, AttentionLayout layout)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var blocks = new List<(AttentionSpan Span, int First)>();
        var chunks = new List<(AttentionSpan Span, int Query, int Chunk)>();
        foreach (var span in layout.Spans)
        {
            if (AttentionForward<TLanes, TVector>.OneByOne(span))
                chunks.AddRange(ChunksOf<TLanes, TVector>(span));
            else
                blocks.AddRange(Enumerable.Range(0, (span.Queries + AttentionTile.Block - 1) / AttentionTile.Block).Select(i => (span, i * AttentionTile.Block)));
        }
        Workers.For(layout.Heads * blocks.Count, part =>
        {
            var (span, first) = blocks[part % blocks.Count];
            kernel.RunTiles(span, head: part / blocks.Count, first);
        });
        if (chunks.Count > 0)
            AttendOneByOne(kernel, chunks);
    }

    private static IEnumerable<(AttentionSpan Span, int Query, int Chunk)> ChunksOf<TLanes, TVector>(AttentionSpan span)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        from query in Enumerable.Range(0, span.Queries)
        from chunk in Enumerable.Range(0, AttentionForward<TLanes, TVector>.Chunks(span, query))
        select (span, query, chunk);

    private void AttendOneByOne<TLanes, TVector>(AttentionForward<TLanes, TVector> kernel, List<(AttentionSpan Span, int Query, int Chunk)> chunks)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        int each = kernel.PartialFloats;
        var partials = Allocate(DataType.F32.Bytes((long)chunks.Count * each));
        Workers.For(chunks.Count, i => kernel.RunChunk(chunks[i].Span, chunks[i].Query, chunks[i].Chunk, partials.Floats((long)i * each, each)));
        for (int first = 0, end; first < chunks.Count; first = end)
        {
            var (span, query, _) = chunks[first];
            end = first + AttentionForward<TLanes, TVector>.Chunks(span, query);
            kernel.Combine(span, query, partials.Floats((long)first * each, (end - first) * each));
        }
        Recycle(partials);
    }

    /// <summary>Splits the work over key heads and over spans that share no keys: so nobody else adds to the same gradients.</summary>
    internal void AttendBackward<TLanes, TVector>(AttentionBackward<TLanes, TVector> kernel, AttentionLayout layout)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var groups = layout.GroupsByKeys();
        Workers.For(layout.KeyHeads * groups.Count, part =>
        {
            int keyHead = part / groups.Count;
            foreach (var span in groups[part % groups.Count])
            {
                for (int head = keyHead * layout.Group; head < (keyHead + 1) * layout.Group; head++)
                    kernel.Run(span, head);
            }
        });
    }
}
