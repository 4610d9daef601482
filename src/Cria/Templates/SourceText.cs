namespace Cria.Templates;

/// <summary>The source of a template, and the places in it.</summary>
internal sealed class SourceText
{
    /// <summary>The most characters of a template; those of models have a few thousand.</summary>
    public const int Longest = 1_000_000;

    private readonly List<int> lines = [0];

    public SourceText(string source)
    {
        if (source.Length > Longest)
            throw new JinjaException($"the template has {source.Length} characters, more than {Longest}.", new Place(1, 1));
        // As Jinja does: all line ends are one, and the last one falls away.
        string text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        Text = text.EndsWith('\n') ? text[..^1] : text;
        for (int i = 0; i < Text.Length; i++)
            if (Text[i] == '\n')
                lines.Add(i + 1);
    }

    public string Text { get; }

    public Place PlaceOf(int index)
    {
        int line = lines.BinarySearch(index);
        line = line < 0 ? ~line - 1 : line;
        return new Place(line + 1, index - lines[line] + 1);
    }
}
