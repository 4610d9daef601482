namespace Cria;

/// <summary>How far two words are from each other.</summary>
internal static class EditDistance
{
    /// <summary>How many letters must be inserted, removed or replaced to make one word of the other (Levenshtein 1966). For words of a few hundred letters.</summary>
    public static int Of(string a, string b)
    {
        Span<int> row = stackalloc int[b.Length + 1];       // distances of the letters of a so far to every beginning of b
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
