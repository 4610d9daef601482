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
            if (Math.Abs(candidate.Length - name.Length) < least && EditDistance.Of(name, candidate) is var distance && distance < least)
                (best, least) = (candidate, distance);
        }
        return best;
    }
}
