namespace Cria;

/// <summary>Finds the word that somebody meant who typed another.</summary>
public static class ClosestWord
{
    // Longer names come from no keyboard, and the distance takes the product of the lengths.
    private const int Longest = 100;

    /// <summary>The known word nearest to what was typed, or null where none is near: more than a third of its letters would have to change.</summary>
    public static string? To(string typed, IEnumerable<string> known)
    {
        string? closest = null;
        int best = int.MaxValue;
        foreach (string word in known.Where(word => word.Length <= Longest && typed.Length <= Longest))
        {
            int distance = Distance(typed, word);
            if (distance < best && 3 * distance <= Math.Max(typed.Length, word.Length) + 1)
                (closest, best) = (word, distance);
        }
        return closest;
    }

    /// <summary>Letters to insert, delete or replace to get from one word to the other (Levenshtein 1966); case does not count.</summary>
    private static int Distance(string a, string b)
    {
        Span<int> row = stackalloc int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
