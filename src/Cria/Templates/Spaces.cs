namespace Cria.Templates;

/// <summary>What Python takes for white space.</summary>
internal static class Spaces
{
    public static bool Is(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>A text without the characters at its ends that are white space, or that are among those given.</summary>
    public static Text Trim(Text text, string? characters, bool start = true, bool end = true)
    {
        bool Goes(char c) => characters is null ? Is(c) : characters.Contains(c, StringComparison.Ordinal);
        int from = 0, to = text.Length;
        while (start && from < to && Goes(text.Characters[from]))
            from++;
        while (end && to > from && Goes(text.Characters[to - 1]))
            to--;
        return text.Slice(from, to - from);
    }
}
