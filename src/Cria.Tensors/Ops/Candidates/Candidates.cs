namespace Cria.Tensors;

/// <summary>What is wanted of the rows of <see cref="Backend.Candidates"/>.</summary>
/// <param name="Count">How many of each row.</param>
/// <param name="Penalized">For each row the places whose numbers are divided by <paramref name="Penalty"/> where positive, multiplied where negative; each once.</param>
/// <param name="Penalty">1 does nothing.</param>
/// <param name="Temperature">For <see cref="RowCandidates.TemperedSum"/>; 0 leaves both sums out.</param>
public sealed record CandidateOptions(int Count, IReadOnlyList<int[]> Penalized, float Penalty, float Temperature);

/// <summary>The largest numbers of a row, and what the others add up to.</summary>
/// <param name="Ids">Their places by falling number, the lower place first where equal.</param>
/// <param name="Scores">The numbers, in that order, penalties applied.</param>
/// <param name="Sum">Σ exp(number − largest) over the whole row, in double precision; 0 where it was not asked for. No number where the row holds one that is none.</param>
/// <param name="TemperedSum">Σ exp((number − largest) / temperature), each in single precision.</param>
public sealed record RowCandidates(int[] Ids, float[] Scores, double Sum, double TemperedSum);

public abstract partial class Backend
{
    /// <summary>The most candidates of a row.</summary>
    public const int MostCandidates = 1024;

    /// <summary>For each row its largest numbers: what a sampler chooses from. Waits for the device; not part of the gradient.</summary>
    /// <param name="x">Logits (N, V), an activation.</param>
    /// <param name="scores">Is set to them in single precision, penalties applied: (N, V), f32.</param>
    /// <param name="options">What is wanted.</param>
    public RowCandidates[] Candidates(Tensor x, Tensor scores, CandidateOptions options)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(options);
        Expect.Activation("Candidates", x);
        Expect.Type("Candidates", DataType.F32, scores);
        Expect.SameShape("Candidates", x, scores);
        Expect.SameLength("Candidates", "the rows with penalties", x.Shape.Rows, options.Penalized.Count);
        Expect.Range("Candidates", "candidates", 1, options.Count - 1, Math.Min(MostCandidates, x.Shape.Columns));
        foreach (int[] row in options.Penalized)
        {
            foreach (int place in row)
                Expect.Range("Candidates", "places with a penalty", place, 1, x.Shape.Columns);
        }
        return CandidatesChecked(x, scores, options);
    }

    internal virtual RowCandidates[] CandidatesChecked(Tensor x, Tensor scores, CandidateOptions options)
    {
        scores.Set(x.ToArray());
        return [.. Enumerable.Range(0, x.Shape.Rows).Select(row => Of(scores.Row(row), options.Penalized[row], options))];
    }

    private static RowCandidates Of(Span<float> scores, int[] penalized, CandidateOptions options)
    {
        foreach (int place in penalized)
            scores[place] = scores[place] > 0 ? scores[place] / options.Penalty : scores[place] * options.Penalty;
        float[] row = scores.ToArray();
        int[] ids = [.. Enumerable.Range(0, row.Length).OrderByDescending(i => row[i]).Take(options.Count)];
        bool isWhole = !row.Any(float.IsNaN);
        float highest = row[ids[0]];
        double Sum(Func<float, double> of) => !isWhole ? double.NaN : options.Temperature == 0 ? 0 : row.Sum(of);
        return new RowCandidates(
            ids, [.. ids.Select(i => row[i])], Sum(score => Math.Exp(score - highest)), Sum(score => MathF.Exp((score - highest) / options.Temperature)));
    }
}
