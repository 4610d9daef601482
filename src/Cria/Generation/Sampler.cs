using System.Numerics.Tensors;
using Cria.Tensors;

namespace Cria.Generation;

/// <summary>Chooses tokens from logits. One sampler serves one sequence: it remembers what it chose.</summary>
public sealed class Sampler
{
    private readonly SamplingOptions options;
    private readonly Queue<int> recent = new();
    private float[] scores = [];
    private int[] ids = [];
    private RandomSource random;

    /// <summary>A sampler at the start of its random sequence.</summary>
    public Sampler(SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (this.options, random) = (options, new RandomSource(options.Seed));
    }

    /// <summary>Tells the sampler of a token that stands before what it chooses, for the repeat penalty.</summary>
    public void Remember(int token)
    {
        recent.Enqueue(token);
        if (recent.Count > options.RepeatWindow)
            recent.Dequeue();
    }

    /// <summary>The next token, from the logits of all V tokens; it is remembered.</summary>
    public int Next(ReadOnlySpan<float> logits)
    {
        Hold(logits);
        Penalize();
        return Take(Choose(Chance()));
    }

    /// <summary>Whether it always takes the most likely token, as the device can find it.</summary>
    internal bool WantsOnlyBest => options is { Temperature: 0, RepeatPenalty: 1 };

    /// <summary>How many of the most likely tokens it wants to see, of V; 0 where it must see all.</summary>
    internal int Wants(int vocabulary)
    {
        int wanted = options.Temperature == 0 ? 1 : options.TopK > 0 ? options.TopK : Backend.MostCandidates;
        return wanted <= Backend.MostCandidates ? Math.Min(wanted, vocabulary) : 0;
    }

    /// <summary>What the device applies before it looks for them.</summary>
    internal (int[] Tokens, float Penalty, float Temperature) Before(int vocabulary) =>
        (options.RepeatPenalty == 1 ? [] : [.. recent.Distinct().Where(token => (uint)token < (uint)vocabulary)], options.RepeatPenalty, options.TopK > 0 ? 0 : options.Temperature);

    /// <summary>The next token, from what it wanted to see; it is remembered.</summary>
    internal int Next(Outlook outlook) => outlook switch
    {
        { Likely: { } likely, Logits: { } all } => Next(likely, all),
        { Logits: { } logits } => Next(logits()),
        _ => Take(outlook.Best),
    };

    /// <summary>The same token as <see cref="Next(ReadOnlySpan{float})"/> takes from the logits of all, from the most likely ones.</summary>
    /// <param name="likely">By falling score.</param>
    /// <param name="all">The scores of all tokens, penalties applied: where those do not settle it.</param>
    internal int Next(RowCandidates likely, Func<float[]> all)
    {
        double chance = Chance();
        if (new LikelyTokens(likely, options).Choose(chance) is { } token)
            return Take(token);
        Hold(all());
        return Take(Choose(chance));
    }

    internal int Take(int token)
    {
        Remember(token);
        return token;
    }

    private double Chance() => options.Temperature == 0 ? 0 : random.NextDouble();

    private int Choose(double chance) => options.Temperature == 0 ? TensorPrimitives.IndexOfMax<float>(scores) : Draw(chance);

    private void Hold(ReadOnlySpan<float> logits)
    {
        if (scores.Length != logits.Length)
            (scores, ids) = (new float[logits.Length], new int[logits.Length]);
        logits.CopyTo(scores);
    }

    private void Penalize()
    {
        if (options.RepeatPenalty == 1)
            return;
        foreach (int token in recent.Distinct())
        {
            if ((uint)token < (uint)scores.Length)
                scores[token] = scores[token] > 0 ? scores[token] / options.RepeatPenalty : scores[token] * options.RepeatPenalty;
        }
    }

    // Filters in the order that llama.cpp made customary: top-k, top-p, min-p on the plain probabilities, then temperature.
    private int Draw(double chance)
    {
        int count = Sorted();
        var p = scores.AsSpan(0, count);
        float highest = p[0];
        for (int i = 0; i < count; i++)
            p[i] -= highest;                                    // log p, up to a constant; the most likely has 0
        count = KeepTopP(p);
        if (options.MinP > 0)
            count = CountWhile(p[..count], MathF.Log(options.MinP));
        p = p[..count];
        TensorPrimitives.Divide(p, options.Temperature, p);
        TensorPrimitives.Exp(p, p);
        double target = chance * Sum(p), sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += p[i];
            if (target < sum)
                return ids[i];
        }
        return ids[count - 1];
    }

    /// <summary>Sorts tokens by falling logit, the lower id first where equal; returns how many top-k leaves.</summary>
    private int Sorted()
    {
        for (int i = 0; i < ids.Length; i++)
            ids[i] = i;
        if (Array.Exists(scores, float.IsNaN))
            SortWithNone();
        else
            SortNumbers();
        return options.TopK > 0 ? Math.Min(options.TopK, ids.Length) : ids.Length;
    }

    // Sorting plain keys is several times faster than asking for each pair; then the ids of equal ones are put in order.
    private void SortNumbers()
    {
        TensorPrimitives.Negate(scores, scores);
        scores.AsSpan().Sort(ids.AsSpan());
        for (int start = 0, end; start < ids.Length; start = end)
        {
            for (end = start + 1; end < ids.Length && scores[end] == scores[start];)
                end++;
            if (end - start > 1)
                ids.AsSpan(start, end - start).Sort();
        }
        TensorPrimitives.Negate(scores, scores);
    }

    // What is no number comes last.
    private void SortWithNone()
    {
        var logits = scores.ToArray();
        ids.AsSpan().Sort((a, b) => logits[b].CompareTo(logits[a]) is var order && order != 0 ? order : a.CompareTo(b));
        for (int i = 0; i < ids.Length; i++)
            scores[i] = logits[ids[i]];
    }

    private int KeepTopP(ReadOnlySpan<float> logs)
    {
        if (options.TopP >= 1)
            return logs.Length;
        double total = 0, sum = 0;
        foreach (float log in logs)
            total += Math.Exp(log);
        for (int i = 0; i < logs.Length; i++)
        {
            sum += Math.Exp(logs[i]);
            if (sum >= options.TopP * total)
                return i + 1;
        }
        return logs.Length;
    }

    private static int CountWhile(ReadOnlySpan<float> logs, float least)
    {
        int count = 1;
        while (count < logs.Length && logs[count] >= least)
            count++;
        return count;
    }

    private static double Sum(ReadOnlySpan<float> numbers)
    {
        double sum = 0;
        foreach (float number in numbers)
            sum += number;
        return sum;
    }
}
