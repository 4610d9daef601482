using System.Globalization;
using System.Text;

namespace Cria.Tokenizers;

/// <summary>Cuts text into the words that byte-level BPE encodes one by one. One class for each family's pattern.</summary>
/// <remarks>
/// Written by hand over code points: .NET regular expressions see UTF-16 units, so a letter outside the basic plane
/// (𐌰, 𝒂, 𠀀) is none to them. Each character is looked at a bounded number of times, so no text is slow.
/// </remarks>
internal abstract class Splitter
{
    /// <summary>How many UTF-16 units the first word of a text has: at least one.</summary>
    /// <param name="text">The rest of the text, not empty.</param>
    public abstract int FirstWord(ReadOnlySpan<char> text);

    /// <summary>What the patterns ask of a character.</summary>
    protected enum Class
    {
        Other,
        Letter,
        Number,
        Space,
        LineBreak,      // \r or \n, which are spaces too
    }

    /// <summary>The class and the length of the character at a place. A lone surrogate counts as U+FFFD.</summary>
    protected static Class ClassAt(ReadOnlySpan<char> text, int at, out int length)
    {
        char c = text[at];
        length = 1;
        if (char.IsAscii(c))
            return char.IsAsciiLetter(c) ? Class.Letter
                : c is '\r' or '\n' ? Class.LineBreak
                : c is ' ' or (>= '\t' and <= '\r') ? Class.Space
                : char.IsAsciiDigit(c) ? Class.Number
                : Class.Other;
        Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        if (Rune.IsWhiteSpace(rune))
            return Class.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Class.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Class.Number,
            _ => Class.Other,
        };
    }

    /// <summary>The end of a run of one class, at most so many characters long.</summary>
    protected static int EndOf(Class wanted, ReadOnlySpan<char> text, int at, int most = int.MaxValue)
    {
        for (int n = 0; n < most && at < text.Length && ClassAt(text, at, out int length) == wanted; n++)
            at += length;
        return at;
    }
}
