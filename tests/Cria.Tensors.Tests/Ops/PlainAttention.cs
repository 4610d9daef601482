namespace Cria.Tensors.Tests.Ops;

/// <summary>Attention as the formula says it: for every query the scores of all keys, in double precision.</summary>
internal static class PlainAttention
{
    public static float[] Attend(Tensor q, Tensor k, Tensor v, int headSize, IReadOnlyList<AttentionSpan> spans, double? scale = null)
    {
        var host = q.Device.Host;
        (q, k, v) = (q.On(host), k.On(host), v.On(host));
        int heads = q.Shape.Columns / headSize, group = heads / (k.Shape.Columns / headSize);
        var y = new float[q.Shape.Length];
        foreach (var span in spans)
        {
            for (int i = 0; i < span.Queries; i++)
            {
                int seen = span.Causal ? span.Keys - span.Queries + i + 1 : span.Keys;
                for (int head = 0; head < heads; head++)
                {
                    int column = head / group * headSize, to = (span.Query + i) * q.Shape.Columns + head * headSize;
                    double[] p = [.. Enumerable.Range(span.Key, seen).Select(key =>
                        Dot(q.Row(span.Query + i).Slice(head * headSize, headSize), k.Row(key).Slice(column, headSize)) * (scale ?? 1 / Math.Sqrt(headSize)))];
                    double largest = p.Max(), sum = p.Sum(s => Math.Exp(s - largest));
                    for (int d = 0; d < headSize; d++)
                        y[to + d] = (float)Enumerable.Range(0, seen).Sum(j => Math.Exp(p[j] - largest) / sum * v.Row(span.Key + j)[column + d]);
                }
            }
        }
        return y;
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }
}
