using System.Numerics.Tensors;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

/// <summary>
/// The dense decoder in double precision, as plain loops over the numbers that the weights of a file unpack to: what its logits are, whoever
/// computes them. On demand it rounds what a program's products and cache round, and nothing else.
/// </summary>
/// <remarks>Shapes: T tokens, d hidden, H heads of D numbers, K key/value heads, f feed-forward.</remarks>
internal sealed class PlainLlama(Checkpoint checkpoint, IRounding rounding)
{
    private readonly LlamaConfig config = LlamaConfig.Read(checkpoint);
    private readonly Dictionary<string, double[]> unpacked = [];

    /// <summary>The logits after each token (T, V).</summary>
    public double[][] Logits(int[] ids)
    {
        var table = Numbers(LlamaShapes.Embedding);
        double[][] x = [.. ids.Select(id => table.AsSpan(id * config.HiddenSize, config.HiddenSize).ToArray())];    // (T, d)
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string block = $"model.layers.{layer}";
            Add(x, Attend(Norm(x, $"{block}.input_layernorm.weight"), $"{block}.self_attn"));
            Add(x, Mlp(Norm(x, $"{block}.post_attention_layernorm.weight"), $"{block}.mlp"));
        }
        return Linear(Norm(x, "model.norm.weight"), config.TiedHead ? LlamaShapes.Embedding : LlamaShapes.Head);
    }

    private double[][] Mlp(double[][] x, string name)
    {
        var (gate, up) = (Linear(x, $"{name}.gate_proj.weight"), Linear(x, $"{name}.up_proj.weight"));              // (T, f)
        return Linear([.. gate.Zip(up, (g, u) => g.Zip(u, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray())], $"{name}.down_proj.weight");
    }

    private double[][] Attend(double[][] x, string name)
    {
        int d = config.HeadSize, shared = config.Heads / config.KeyValueHeads;
        var q = Turn(Linear(x, $"{name}.q_proj.weight"));                                                           // (T, H·D)
        var (k, v) = (Turn(Linear(x, $"{name}.k_proj.weight")), Linear(x, $"{name}.v_proj.weight"));                // (T, K·D)
        foreach (var row in q.Concat(k).Concat(v))
            rounding.Attended(row);
        double[][] mixed = [.. x.Select(_ => new double[config.QuerySize])];
        for (int t = 0; t < x.Length; t++)
            for (int head = 0; head < config.Heads; head++)
            {
                int own = head * d, other = head / shared * d;
                double[] scores = [.. k.Take(t + 1).Select(key => Dot(q[t].AsSpan(own, d), key.AsSpan(other, d)) / Math.Sqrt(d))];
                double[] shares = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
                double sum = shares.Sum();
                for (int s = 0; s <= t; s++)
                    shares[s] /= sum;
                rounding.Attended(shares);
                for (int s = 0; s <= t; s++)
                    for (int i = 0; i < d; i++)
                        mixed[t][own + i] += shares[s] * v[s][other + i];
            }
        return Linear(mixed, $"{name}.o_proj.weight");
    }

    // i and i + D/2 of each head turn by the angle of their frequency times the place.
    private double[][] Turn(double[][] rows)
    {
        float[] frequencies = config.RotaryFrequencies(checkpoint);
        int half = config.HeadSize / 2;
        for (int t = 0; t < rows.Length; t++)
            for (int head = 0; head < rows[t].Length; head += config.HeadSize)
                for (int i = 0; i < half; i++)
                {
                    var (sine, cosine) = Math.SinCos(t * (double)frequencies[i]);
                    var (a, b) = (rows[t][head + i], rows[t][head + half + i]);
                    (rows[t][head + i], rows[t][head + half + i]) = (a * cosine - b * sine, b * cosine + a * sine);
                }
        return rows;
    }

    private double[][] Norm(double[][] x, string name)
    {
        var weight = Numbers(name);
        return [.. x.Select(row =>
        {
            double r = 1 / Math.Sqrt(Dot(row, row) / row.Length + config.RmsNormEpsilon);
            return row.Select((number, i) => number * r * weight[i]).ToArray();
        })];
    }

    private double[][] Linear(double[][] x, string name)
    {
        var weight = Numbers(name);
        var type = checkpoint.Tensors[name].Type!;
        double[][] rounded = [.. x.Select(row => (double[])row.Clone())];
        foreach (var row in rounded)
            rounding.Factor(row, type);
        int @in = x[0].Length, @out = weight.Length / @in;
        return [.. rounded.Select(row => Enumerable.Range(0, @out).Select(i => Dot(weight.AsSpan(i * @in, @in), row)).ToArray())];
    }

    private double[] Numbers(string name)
    {
        if (!unpacked.TryGetValue(name, out var numbers))
        {
            checkpoint.TryGet(name, out var tensor);
            float[] floats = tensor!.To(DataType.F32).Floats().ToArray();
            unpacked[name] = numbers = new double[floats.Length];
            TensorPrimitives.ConvertTruncating<float, double>(floats, numbers);
        }
        return numbers;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => TensorPrimitives.Dot(a, b);

    private static void Add(double[][] x, double[][] y)
    {
        for (int t = 0; t < x.Length; t++)
            TensorPrimitives.Add(x[t], y[t], x[t]);
    }
}
