using System.Text;

namespace CriaTiny.Tools;

/// <summary>The pieces by rank; counts tokens and reads and writes the rank file of Llama 3: a line a piece, base64 and rank.</summary>
internal sealed class Vocabulary(IReadOnlyList<string> pieces)
{
    private readonly Dictionary<string, int> ranks = pieces.Select((piece, rank) => (piece, rank)).ToDictionary(p => p.piece, p => p.rank);
    private readonly Dictionary<string, int> lengths = [];

    public int Size => pieces.Count;

    public void Write(string path) =>
        File.WriteAllLines(path, pieces.Select((piece, rank) => $"{Convert.ToBase64String(Encoding.Latin1.GetBytes(piece))} {rank}"));

    /// <summary>How many tokens the text is, without begin and end of text.</summary>
    public int Count(string text)
    {
        int total = 0;
        foreach (var match in Splitter.Words().EnumerateMatches(text))
            total += WordLength(text.Substring(match.Index, match.Length));
        return total;
    }

    private int WordLength(string word)
    {
        if (!lengths.TryGetValue(word, out int length))
            lengths[word] = length = Encode(word).Count;
        return length;
    }

    /// <summary>The pieces of one word: of all neighbours that form a piece, the one of lowest rank is joined first.</summary>
    public List<string> Encode(string word)
    {
        List<string> parts = [.. Encoding.UTF8.GetBytes(word).Select(b => ((char)b).ToString())];
        while (Best(parts) is var at and >= 0)
        {
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }

        return parts;
    }

    private int Best(List<string> parts)
    {
        int best = -1, bestRank = int.MaxValue;
        for (int i = 0; i + 1 < parts.Count; i++)
            if (ranks.TryGetValue(parts[i] + parts[i + 1], out int rank) && rank < bestRank)
                (best, bestRank) = (i, rank);
        return best;
    }
}
