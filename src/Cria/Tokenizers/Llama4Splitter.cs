using static Cria.Tokenizers.CharacterClass;

namespace Cria.Tokenizers;

/// <summary>The pattern of Llama 4, from its <c>tokenizer.py</c>: a word changes from capitals to small letters but once, and a contraction stays with it.</summary>
/// <remarks>The first alternative that matches wins; the first two are <see cref="Letters"/>, the others one method or line each, in that order.</remarks>
internal sealed class Llama4Splitter : Splitter
{
    private const CharacterClass Capitals = Upper | Caseless | Mark, Smalls = Lower | Caseless | Mark;

    public override string Name => "llama4";

    public override string Pattern =>
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
        @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
        @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override int FirstWord(ReadOnlySpan<char> text)
    {
        var first = ClassAt(text, 0, out int length);
        if (Letters(text, first, length) is > 0 and int letters)
            return letters + Contraction(text[letters..]);
        if (first == Number)
            return EndOf(Number, text, 0, most: 3);
        if (Others(text) is > 0 and int others)
            return others;
        return Spaces(text);
    }

    // Capitals then smalls, or capitals alone; before them at most one character that is no letter, number nor line break. A mark may
    // be that character or a letter: it is the former where that gives a word with smalls.
    private static int Letters(ReadOnlySpan<char> text, CharacterClass first, int length)
    {
        int start = (first & (Letter | Number | LineBreak)) == 0 ? length : 0;
        if (WithSmalls(text, start, out int capitals) is > 0 and int end)
            return end;
        if (first == Mark && WithSmalls(text, 0, out _) is > 0 and int withMark)
            return withMark;
        return capitals > start ? capitals : 0;
    }

    // [Capitals]*[Smalls]+. Where no small letter follows the capitals, the last of them that counts as both is the last of the word.
    private static int WithSmalls(ReadOnlySpan<char> text, int start, out int capitals)
    {
        int both = 0;
        capitals = start;
        while (capitals < text.Length && (ClassAt(text, capitals, out int length) & Capitals) is not 0 and var found)
        {
            capitals += length;
            if (found != Upper)
                both = capitals;
        }
        int end = EndOf(Smalls, text, capitals);
        return end > capitals ? end : both;
    }

    // Marks, with at most one blank before them and the line breaks and slashes after them.
    private static int Others(ReadOnlySpan<char> text)
    {
        int start = text[0] == ' ' ? 1 : 0;
        int end = EndOf(Other | Mark, text, start);
        if (end == start)
            return 0;
        while (end < text.Length && text[end] is '\r' or '\n' or '/')
            end++;
        return end;
    }
}
