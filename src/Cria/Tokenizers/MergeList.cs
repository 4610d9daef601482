namespace Cria.Tokenizers;

/// <summary>Reads the merges of a vocabulary, each <c>left right</c>, as ids.</summary>
internal static class MergeList
{
    private const int LongestPiece = 1024;

    /// <summary>As a table, the rank of each its place in the list.</summary>
    public static MergeTable Table(TokenizerVocabulary vocabulary, Dictionary<string, int> ids)
    {
        var table = new MergeTable(vocabulary.Merges?.Count ?? 0);
        int rank = 0;
        foreach (var (left, right, token) in Read(vocabulary, ids))
            table.Add(left, right, token, rank++);
        return table;
    }

    /// <summary>In their order. Those of pieces that no text may spell are left out.</summary>
    /// <param name="vocabulary">Whose merges.</param>
    /// <param name="ids">The pieces that text may become.</param>
    public static IEnumerable<(int Left, int Right, int Token)> Read(TokenizerVocabulary vocabulary, Dictionary<string, int> ids)
    {
        var merges = vocabulary.Merges ?? throw TokenizerException.Damaged(vocabulary.Name, "its merges", "a list of them", "none");
        char[] joined = new char[LongestPiece];
        HashSet<string>? marks = null;
        for (int i = 0; i < merges.Count; i++)
            if (TryRead(merges[i], joined, ids, out var merge))
                yield return merge;
            else if (!IsOfMarks(merges[i], marks ??= [.. vocabulary.Pieces.Where(piece => !ids.ContainsKey(piece))], ids))
                throw TokenizerException.Damaged(vocabulary.Name, $"merge {i}", "two pieces of the vocabulary whose joined text is a piece too",
                    $"'{merges[i][..Math.Min(merges[i].Length, 60)]}'");
    }

    private static bool TryRead(string merge, char[] joined, Dictionary<string, int> ids, out (int Left, int Right, int Token) read)
    {
        var byText = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        int space = merge.IndexOf(' ', StringComparison.Ordinal);
        read = default;
        if (space <= 0 || merge.Length > joined.Length
            || !byText.TryGetValue(merge.AsSpan(0, space), out read.Left) || !byText.TryGetValue(merge.AsSpan(space + 1), out read.Right))
            return false;
        merge.AsSpan(0, space).CopyTo(joined);
        merge.AsSpan(space + 1).CopyTo(joined.AsSpan(space));
        return byText.TryGetValue(joined.AsSpan(0, merge.Length - 1), out read.Token);
    }

    private static bool IsOfMarks(string merge, HashSet<string> marks, Dictionary<string, int> ids)
    {
        int space = merge.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0)
            return false;
        string[] parts = [merge[..space], merge[(space + 1)..], merge.Remove(space, 1)];
        return parts.All(part => marks.Contains(part) || ids.ContainsKey(part));
    }
}
