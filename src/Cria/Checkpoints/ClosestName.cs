namespace Cria.Checkpoints;

/// <summary>The name that somebody probably meant.</summary>
internal static class ClosestName
{
    // Enough for any real model; beyond it the answer to a typing mistake must not become a long wait.
    private const int MaxNames = 20_000;
    private const int MaxLength = 200;

    /// <summary>The candidate with the fewest changed letters, or null where none resembles <paramref name="name"/>.</summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        if (name.Length > MaxLength)
            return null;
        string? best = null;
        int least = Math.Max(2, name.Length / 3) + 1;
        foreach (string candidate in candidates.Where(c => c.Length <= MaxLength).Take(MaxNames))
        {
            if (Math.Abs(candidate.Length - name.Length) < least && EditDistance(name, candidate) is var distance && distance < least)
                (best, least) = (candidate, distance);
        }
        return best;
    }

    /// <summary>How many letters must be inserted, removed or replaced to make <paramref name="b"/> of <paramref name="a"/> (Levenshtein).</summary>
    internal static int EditDistance(string a, string b)
    {
        var row = new int[b.Length + 1];      // distances of the letters of a so far to every beginning of b
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
