using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>Llama 3.1's scaling of the rotary frequencies as GGUF stores it: one divisor for each frequency; and back again.</summary>
internal static class RotaryFactors
{
    private const int UsualContext = 8_192;
    private const float Exact = 1e-5f;

    /// <summary>The divisors (D / 2) of a scaling that the keys of GGUF cannot express; null where there is none.</summary>
    public static float[]? Of(LlamaConfig config)
    {
        if (config.RotaryScaling is not Llama3RotaryScaling scaling)
            return null;
        var plain = RotaryFrequencies.Plain(config.HeadSize, config.RotaryBase);
        return [.. plain.Zip(scaling.Apply(plain), (before, after) => before / after)];
    }

    /// <summary>The settings that these divisors follow from.</summary>
    /// <remarks>
    /// A divisor is 1 for fast turns, s for slow ones, and 1 / ((1 − t) / s + t) between, t = (C ω / 2π − l) / (h − l). Two of those between
    /// give C / (h − l) and l / (h − l); which C is named makes no difference to any frequency, so it is the one that Meta uses.
    /// </remarks>
    /// <exception cref="CheckpointException">They follow from no such settings.</exception>
    public static Llama3RotaryScaling? Fit(LlamaConfig config, Checkpoint checkpoint)
    {
        if (!checkpoint.TryGet(LlamaShapes.RotaryFactors, out var tensor))
            return null;
        var factors = tensor.To(DataType.F32).Floats().ToArray();
        var plain = RotaryFrequencies.Plain(config.HeadSize, config.RotaryBase);
        if (factors.Length != plain.Length)
            throw CheckpointException.WrongShape(checkpoint.Name, LlamaShapes.RotaryFactors, new Shape(plain.Length), "half of head_dim", tensor.Shape);
        if (factors.All(factor => factor == 1))
            return null;
        var fit = Solve(plain, factors);
        var expected = fit.Apply(plain);
        for (int i = 0; i < plain.Length; i++)
        {
            if (!(Math.Abs(plain[i] / factors[i] - expected[i]) <= Exact * expected[i]))
                throw CheckpointException.OtherFactors(checkpoint.Name, LlamaShapes.RotaryFactors);
        }
        return fit;
    }

    private static Llama3RotaryScaling Solve(float[] plain, float[] factors)
    {
        double s = factors.Max();
        var between = Enumerable.Range(0, plain.Length).Where(i => factors[i] > 1 && factors[i] < s)
            .Select(i => (Turns: plain[i] / (2 * Math.PI), T: (1 / factors[i] - 1 / s) / (1 - 1 / s))).ToList();
        double low, high;
        if (between.Count >= 2)
        {
            var (first, last) = (between[0], between[^1]);
            double slope = (first.T - last.T) / (first.Turns - last.Turns), offset = slope * last.Turns - last.T;
            (low, high) = (Tidy(offset * UsualContext / slope), Tidy((offset + 1) * UsualContext / slope));
        }
        else
            (low, high) = Edges(plain, factors, s, between);
        return new Llama3RotaryScaling((float)s, (float)low, (float)high, UsualContext);
    }

    // With one divisor between, or none, the band ends anywhere up to the next frequency on either side.
    private static (double Low, double High) Edges(float[] plain, float[] factors, double s, List<(double Turns, double T)> between)
    {
        double fast = plain.Where((_, i) => factors[i] == 1).DefaultIfEmpty(plain[0] * 2).Min() / (2 * Math.PI) * UsualContext;
        double slow = plain.Where((_, i) => factors[i] == s).DefaultIfEmpty(0).Max() / (2 * Math.PI) * UsualContext;
        if (between is not [var (turns, t)])
            return (Math.Sqrt(fast * slow), Math.Sqrt(fast * slow));
        double middle = turns * UsualContext;

        // A band of the greatest width that keeps both neighbours outside and gives t in its place.
        double width = Math.Min((middle - slow) / t, (fast - middle) / (1 - t));
        return (middle - t * width, middle + (1 - t) * width);
    }

    // Divisors are single precision: what they say of 1 or 4 is off in the last digits.
    private static double Tidy(double number) => Math.Abs(number - Math.Round(number)) < 1e-3 * Math.Abs(number) ? Math.Round(number) : number;
}
