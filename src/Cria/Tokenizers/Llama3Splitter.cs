using static Cria.Tokenizers.CharacterClass;

namespace Cria.Tokenizers;

/// <summary>The pattern of Llama 3, from its <c>tokenizer.py</c>.</summary>
/// <remarks>The first alternative that matches wins; each is one method or line below, in that order.</remarks>
internal sealed class Llama3Splitter : Splitter
{
    public override string Name => "llama-bpe";

    public override string Pattern =>
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override int FirstWord(ReadOnlySpan<char> text)
    {
        if (Contraction(text) is > 0 and int contraction)
            return contraction;
        var first = ClassAt(text, 0, out int length);
        if (Letters(text, first, length) is > 0 and int letters)
            return letters;
        if (first == Number)
            return EndOf(Number, text, 0, most: 3);
        if (Others(text) is > 0 and int others)
            return others;
        return Spaces(text);
    }

    // Letters, with at most one character before them that is neither a line break, a letter nor a number.
    private static int Letters(ReadOnlySpan<char> text, CharacterClass first, int length)
    {
        if ((first & Letter) != 0)
            return EndOf(Letter, text, length);
        if (first is LineBreak or Number)
            return 0;
        int end = EndOf(Letter, text, length);
        return end > length ? end : 0;
    }

    // Marks, with at most one blank before them and the line breaks after them.
    private static int Others(ReadOnlySpan<char> text)
    {
        int start = text[0] == ' ' ? 1 : 0;
        int end = EndOf(Other | Mark, text, start);
        return end > start ? EndOf(LineBreak, text, end) : 0;
    }
}
