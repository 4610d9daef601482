using System.Text;

namespace Cria.Tokenizers;

/// <summary>Where Meta cuts a long text before it is split into words. A shorter one stays whole.</summary>
/// <remarks><c>Tokenizer.encode</c> in <see href="https://github.com/meta-llama/llama-models/blob/main/models/llama3/tokenizer.py"/>.</remarks>
internal static class LongText
{
    /// <summary>In characters, which are code points here, as in Python.</summary>
    internal const int LongestPart = 400_000, LongestRun = 25_000;

    /// <summary>The first 400,000 characters.</summary>
    public static ReadOnlySpan<char> FirstPart(ReadOnlySpan<char> text)
    {
        if (text.Length <= LongestPart)
            return text;
        int end = 0;
        for (int n = 0; n < LongestPart && end < text.Length; n++)
            end += LengthAt(text, end);
        return text[..end];
    }

    /// <summary>The characters before a run, all spaces or all not, reaches more than 25,000 of them.</summary>
    public static ReadOnlySpan<char> FirstStretch(ReadOnlySpan<char> text)
    {
        if (text.Length <= LongestRun)
            return text;
        bool spaces = false;
        for (int at = 0, run = 0; at < text.Length; at += LengthAt(text, at))
        {
            bool space = IsSpace(text[at]);
            run = space == spaces ? run + 1 : 1;
            spaces = space;
            if (run > LongestRun)
                return text[..at];
        }
        return text;
    }

    private static int LengthAt(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeFromUtf16(text[at..], out _, out int length);
        return length;
    }

    // Python's str.isspace: no space is outside the basic plane, and the four separators of ASCII are spaces there.
    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F';
}
