using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    // Keys that a row looks at in one go: their scores stand on the stack.
    private const int KeyBlock = 512;

    internal override void Attend(Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor? logSums)
    {
        foreach (var span in layout.Spans)
        {
            Workers.For(layout.Heads * span.Queries, part =>
            {
                int head = part / span.Queries, i = part % span.Queries;
                float logSum = AttendRow(q, k, v, layout, span, head, i, y);
                if (logSums is not null)
                    logSums.Row(head)[span.Query + i] = logSum;
            });
        }
    }

    internal override void AttendBackward(
        Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor logSums, Tensor dy, Tensor? dq, Tensor? dk, Tensor? dv)
    {
        var groups = layout.GroupsByKeys();
        Workers.For(layout.KeyHeads * groups.Count, part =>
        {
            int keyHead = part / groups.Count;
            foreach (var span in groups[part % groups.Count])
                for (int head = keyHead * layout.Group; head < (keyHead + 1) * layout.Group; head++)
                    for (int i = 0; i < span.Queries; i++)
                        AttendRowBackward(q, k, v, layout, span, head, i, y, logSums, dy, dq, dk, dv);
        });
    }

    /// <summary>One query of one head, with a running maximum and sum over blocks of keys.</summary>
    private static float AttendRow(Tensor q, Tensor k, Tensor v, AttentionLayout layout, AttentionSpan span, int head, int i, Tensor y)
    {
        int size = layout.HeadSize, column = head / layout.Group * size;
        ReadOnlySpan<float> query = q.Row(span.Query + i).Slice(head * size, size);
        var mixed = y.Row(span.Query + i).Slice(head * size, size);
        mixed.Clear();
        Span<float> memory = stackalloc float[KeyBlock];
        float largest = float.NegativeInfinity, sum = 0;
        for (int first = 0, seen = Seen(span, i); first < seen; first += KeyBlock)
        {
            var p = memory[..Math.Min(KeyBlock, seen - first)];
            for (int j = 0; j < p.Length; j++)
                p[j] = layout.Scale * TensorPrimitives.Dot(query, k.Row(span.Key + first + j).Slice(column, size));
            float before = largest;
            largest = Math.Max(before, TensorPrimitives.Max<float>(p));
            TensorPrimitives.Subtract(p, largest, p);
            TensorPrimitives.Exp(p, p);
            float shrink = MathF.Exp(before - largest);
            sum = sum * shrink + TensorPrimitives.Sum<float>(p);
            TensorPrimitives.Multiply(mixed, shrink, mixed);
            for (int j = 0; j < p.Length; j++)
                TensorPrimitives.MultiplyAdd(v.Row(span.Key + first + j).Slice(column, size), p[j], mixed, mixed);
        }
        TensorPrimitives.Multiply(mixed, 1 / sum, mixed);
        return largest + MathF.Log(sum);
    }

    private static void AttendRowBackward(
        Tensor q, Tensor k, Tensor v, AttentionLayout layout, AttentionSpan span, int head, int i,
        Tensor y, Tensor logSums, Tensor dy, Tensor? dq, Tensor? dk, Tensor? dv)
    {
        int size = layout.HeadSize, column = head / layout.Group * size, row = span.Query + i;
        ReadOnlySpan<float> query = q.Row(row).Slice(head * size, size), dMixed = dy.Row(row).Slice(head * size, size);
        float logSum = logSums.Row(head)[row], delta = TensorPrimitives.Dot(dMixed, y.Row(row).Slice(head * size, size));
        for (int j = 0, seen = Seen(span, i); j < seen; j++)
        {
            var key = k.Row(span.Key + j).Slice(column, size);
            float p = MathF.Exp(layout.Scale * TensorPrimitives.Dot(query, key) - logSum);
            float ds = layout.Scale * p * (TensorPrimitives.Dot(dMixed, v.Row(span.Key + j).Slice(column, size)) - delta);
            if (dq is not null)
                AddScaled(key, ds, dq.Row(row).Slice(head * size, size));
            if (dk is not null)
                AddScaled(query, ds, dk.Row(span.Key + j).Slice(column, size));
            if (dv is not null)
                AddScaled(dMixed, p, dv.Row(span.Key + j).Slice(column, size));
        }
    }

    /// <summary>How many keys query i of a span sees.</summary>
    private static int Seen(AttentionSpan span, int i) => span.Causal ? span.Keys - span.Queries + i + 1 : span.Keys;

    private static void AddScaled(ReadOnlySpan<float> x, float factor, Span<float> sum) => TensorPrimitives.MultiplyAdd(x, factor, sum, sum);
}
