namespace Cria.Tokenizers;

/// <summary>The pattern of Llama 3, and of every rank file in its form.</summary>
/// <remarks>
/// <code>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</code>
/// from <c>tokenizer.py</c> of Llama 3. The first alternative that matches wins; each is one method or line below, in that order.
/// </remarks>
internal sealed class Llama3Splitter : Splitter
{
    public override int FirstWord(ReadOnlySpan<char> text)
    {
        if (Contraction(text) is > 0 and int contraction)
            return contraction;
        var first = ClassAt(text, 0, out int length);
        if (Letters(text, first, length) is > 0 and int letters)
            return letters;
        if (first == Class.Number)
            return EndOf(Class.Number, text, 0, most: 3);
        if (Others(text, first) is > 0 and int others)
            return others;
        return Spaces(text);
    }

    // 's 't 're 've 'm 'll 'd in either case; ſ is a case of s.
    private static int Contraction(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'')
            return 0;
        int second = text.Length > 2 ? text[2] | 0x20 : 0;
        return (text[1] | 0x20, second) switch
        {
            ('s' or 't' or 'm' or 'd', _) => 2,
            ('r' or 'v', 'e') or ('l', 'l') => 3,
            _ => text[1] == 'ſ' ? 2 : 0,
        };
    }

    // Letters, with at most one character before them that is neither a line break, a letter nor a number.
    private static int Letters(ReadOnlySpan<char> text, Class first, int length)
    {
        if (first == Class.Letter)
            return EndOf(Class.Letter, text, length);
        if (first is Class.LineBreak or Class.Number)
            return 0;
        int end = EndOf(Class.Letter, text, length);
        return end > length ? end : 0;
    }

    // Marks, with at most one blank before them and the line breaks after them.
    private static int Others(ReadOnlySpan<char> text, Class first)
    {
        int start = first == Class.Space && text[0] == ' ' ? 1 : 0;
        int end = EndOf(Class.Other, text, start);
        return end > start ? EndOf(Class.LineBreak, text, end) : 0;
    }

    // Spaces to the last line break among them; without one, all but the last, which the next word may take; a single one by itself.
    private static int Spaces(ReadOnlySpan<char> text)
    {
        int end = 0, afterBreak = 0, last = 0;
        while (end < text.Length && ClassAt(text, end, out int length) is (Class.Space or Class.LineBreak) and var found)
        {
            last = end;
            end += length;
            if (found == Class.LineBreak)
                afterBreak = end;
        }
        if (afterBreak > 0)
            return afterBreak;
        return end == text.Length || last == 0 ? end : last;
    }
}
