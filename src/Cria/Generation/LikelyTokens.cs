using System.Numerics.Tensors;
using Cria.Tensors;

namespace Cria.Generation;

/// <summary>A draw from the most likely tokens alone, as it would be from all: the same filters in the same arithmetic.</summary>
/// <remarks>
/// What the others would add is known as a sum that was made in another order. Where a choice lies so near its border that this could change it, or
/// beyond the tokens that are there, nothing is chosen, and all are looked at.
/// </remarks>
internal sealed class LikelyTokens(RowCandidates likely, SamplingOptions options)
{
    // Sums of doubles in another order, and of exponentials in single precision by another library, differ by far less.
    private const double SumMargin = 1e-9, TemperedMargin = 1e-5;

    private readonly bool isAll = options.TopK > 0;         // no other token takes part

    /// <summary>The token at a place between 0 and 1 of what is left, or null.</summary>
    public int? Choose(double chance)
    {
        if (double.IsNaN(likely.Sum))
            return null;
        if (options.Temperature == 0)
            return likely.Scores[0] == 0 ? null : likely.Ids[0];      // of two zeros the positive one is the larger to those who look at all
        float[] logs = [.. likely.Scores.Select(score => score - likely.Scores[0])];
        return Kept(logs) is { } count ? Draw(logs.AsSpan(0, count), chance, endsHere: count < logs.Length || isAll) : null;
    }

    // How many top-p and min-p leave; null where more than are here.
    private int? Kept(float[] logs)
    {
        int count = logs.Length;
        if (options.TopP < 1)
        {
            if (TopP(logs) is not { } reached)
                return null;
            count = reached;
        }
        else if (options.MinP == 0)
        {
            return count;
        }
        if (options.MinP > 0)
        {
            float least = MathF.Log(options.MinP);
            int likelyEnough = 1;
            while (likelyEnough < count && logs[likelyEnough] >= least)
                likelyEnough++;
            if (likelyEnough == logs.Length && !isAll)
                return null;
            count = likelyEnough;
        }
        return count;
    }

    private int? TopP(float[] logs)
    {
        double total = isAll ? logs.Aggregate(0.0, (sum, log) => sum + Math.Exp(log)) : likely.Sum;
        double wanted = options.TopP * total, margin = isAll ? 0 : SumMargin * total, reached = 0;
        for (int i = 0; i < logs.Length; i++)
        {
            reached += Math.Exp(logs[i]);
            if (margin > 0 && Math.Abs(reached - wanted) < margin)
                return null;
            if (reached >= wanted)
                return i + 1;
        }
        return isAll ? logs.Length : null;
    }

    private int? Draw(Span<float> p, double chance, bool endsHere)
    {
        bool isExact = endsHere || options.TopP < 1;
        TensorPrimitives.Divide(p, options.Temperature, p);
        TensorPrimitives.Exp(p, p);
        double total = likely.TemperedSum;
        if (isExact)
        {
            total = 0;
            foreach (float one in p)
                total += one;
        }
        double target = chance * total, margin = isExact ? 0 : TemperedMargin * total, sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            sum += p[i];
            if (margin > 0 && Math.Abs(target - sum) < margin)
                return null;
            if (target < sum)
                return likely.Ids[i];
        }
        return isExact ? likely.Ids[p.Length - 1] : null;
    }
}
