namespace Cria;

/// <summary>Finds the word that somebody meant who typed another.</summary>
public static class ClosestWord
{
    // Longer names come from no keyboard, and the distance takes the product of the lengths.
    private const int Longest = 100;

    /// <summary>The known word nearest to what was typed, or null where none is near: more than a third of its letters would have to change. Case does not count.</summary>
    public static string? To(string typed, IEnumerable<string> known)
    {
        string? closest = null;
        int best = int.MaxValue;
        foreach (string word in known.Where(word => word.Length <= Longest && typed.Length <= Longest))
        {
            int distance = EditDistance.Of(typed.ToLowerInvariant(), word.ToLowerInvariant());
            if (distance < best && 3 * distance <= Math.Max(typed.Length, word.Length) + 1)
                (closest, best) = (word, distance);
        }
        return closest;
    }
}
