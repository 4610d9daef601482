using System.Globalization;
using System.Text;
using Cria.Data;
using Cria.Tokenizers;

namespace Cria.Cli.Display;

/// <summary>An example as people read it: what is learned is green on a terminal, and stands between [[ and ]] elsewhere.</summary>
internal sealed class MaskedText(Tokenizer? tokenizer, bool colour)
{
    private const string Green = "\e[32m", Plain = "\e[0m";

    /// <summary>How the mask is shown, in words.</summary>
    public string Legend => colour ? "what is learned is green" : "what is learned stands between [[ and ]]";

    /// <summary>The text of an example.</summary>
    /// <param name="example">The example.</param>
    /// <param name="most">The most tokens that are shown.</param>
    public string Of(Example example, int most = int.MaxValue)
    {
        var text = new StringBuilder();
        int count = Math.Min(example.Tokens.Count, most);
        for (int start = 0, end; start < count; start = end)
        {
            bool learned = IsLearned(example, start);
            for (end = start; end < count && IsLearned(example, end) == learned; end++)
            {
            }
            string run = Run(example, start, end);
            text.Append(learned ? $"{(colour ? Green : "[[")}{run}{(colour ? Plain : "]]")}" : run);
        }
        if (count < example.Tokens.Count)
            text.Append(CultureInfo.InvariantCulture, $" … ({example.Tokens.Count - count} more tokens)");
        return text.ToString();
    }

    // The first token is never learned: nothing comes before it that could predict it.
    private static bool IsLearned(Example example, int place) => place > 0 && example.Labels[place] != Example.Unsupervised;

    // Decoded together, for a letter may be spread over several tokens.
    private string Run(Example example, int start, int end)
    {
        if (tokenizer is null)
            return string.Concat(Enumerable.Range(start, end - start).Select(i => $" {example.Tokens[i]}"));
        var bytes = new List<byte>();
        for (int i = start; i < end; i++)
            bytes.AddRange(tokenizer.Bytes(example.Tokens[i]));
        return Visible(Encoding.UTF8.GetString([.. bytes]));
    }

    // Data may hold what a terminal would obey.
    private static string Visible(string text)
    {
        var visible = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            if (char.IsControl(letter) && letter is not ('\n' or '\t'))
                visible.Append(CultureInfo.InvariantCulture, $"<0x{(int)letter:X2}>");
            else
                visible.Append(letter);
        }
        return visible.ToString();
    }
}
