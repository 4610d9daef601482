using System.Text.RegularExpressions;
using Cria.Tokenizers;

namespace CriaTiny.Tools;

/// <summary>Cuts a text into passages of at most so many tokens: after a paragraph where one ends in the last third, else after a sentence.</summary>
internal static partial class Passages
{
    private const int FewestTokens = 16;

    // A sentence, or a line, or (of a run without either) a thousand characters, with the white space after it.
    [GeneratedRegex(@".{1,1000}?(?:[.!?][""')]*\s+|\n+|\z)|.{1,1000}(?:\s+|\z)|.{1,1000}", RegexOptions.Singleline)]
    private static partial Regex Sentences();

    public static IEnumerable<string> Cut(string text, Tokenizer tokenizer, int budget)
    {
        List<(string Text, int Tokens)> sentences =
            [.. Sentences().Matches(text).Select(m => (m.Value, tokenizer.Encode(m.Value).Length))];
        for (int start = 0, end; start < sentences.Count; start = end)
        {
            end = End(sentences, start, budget);
            string passage = string.Concat(sentences[start..end].Select(s => s.Text)).Trim();
            if (tokenizer.Encode(passage).Length >= FewestTokens)
                yield return passage;
        }
    }

    private static int End(List<(string Text, int Tokens)> sentences, int start, int budget)
    {
        int end = start, total = 0, paragraphEnd = -1;
        while (end < sentences.Count && (end == start || total + sentences[end].Tokens <= budget))
        {
            total += sentences[end].Tokens;
            end++;
            if (sentences[end - 1].Text.EndsWith("\n\n", StringComparison.Ordinal) && 3 * total >= 2 * budget)
                paragraphEnd = end;
        }

        return end < sentences.Count && paragraphEnd > 0 ? paragraphEnd : end;
    }
}
