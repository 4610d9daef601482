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
        var rows = new List<AttentionSpan>();
        foreach (var span in layout.Spans)
        {
            if (AttentionForward<TLanes, TVector>.OneByOne(span))
                rows.Add(span);
            else
                blocks.AddRange(Enumerable.Range(0, (span.Queries + AttentionTile.Block - 1) / AttentionTile.Block).Select(i => (span, i * AttentionTile.Block)));
        }
        Workers.For(layout.Heads * blocks.Count, part =>
        {
            var (span, first) = blocks[part % blocks.Count];
            kernel.RunTiles(span, head: part / blocks.Count, first);
        });

        // Heads side by side are a longer piece of each row to read.
        int run = Math.Max(1, layout.KeyHeads / (2 * Threads)), runs = (layout.KeyHeads + run - 1) / run;
        Workers.For(runs * rows.Count, part =>
        {
            int first = part % runs * run;
            kernel.RunRows(rows[part / runs], first, Math.Min(run, layout.KeyHeads - first));
        });
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
