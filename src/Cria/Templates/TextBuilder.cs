using System.Text;

namespace Cria.Templates;

/// <summary>Puts a text together, origins and all, within what a rendering may spend.</summary>
internal sealed class TextBuilder(Budget budget)
{
    private readonly StringBuilder characters = new();
    private readonly List<Text.Run> runs = [];

    public TextBuilder Append(ReadOnlySpan<char> text, Origin origin = default)
    {
        budget.SpendCharacters(text.Length);
        characters.Append(text);
        if (text.Length > 0)
            Extend(origin);
        return this;
    }

    public TextBuilder Append(Text text)
    {
        budget.SpendCharacters(text.Length);
        int start = characters.Length;
        characters.Append(text.Characters);
        foreach (var run in text.Runs)
            Extend(run.Origin, start + run.End);
        return this;
    }

    /// <summary>Appends a text as one that the model generates.</summary>
    public void AppendGenerated(Text text)
    {
        int start = characters.Length;
        budget.SpendCharacters(text.Length);
        characters.Append(text.Characters);
        foreach (var run in text.Runs)
            Extend(run.Origin with { Generated = true }, start + run.End);
    }

    public Text ToText() => characters.Length == 0 ? Text.Empty : new Text(characters.ToString(), [.. runs]);

    private void Extend(Origin origin) => Extend(origin, characters.Length);

    private void Extend(Origin origin, int end)
    {
        if (runs.Count > 0 && runs[^1].Origin == origin)
            runs[^1] = new(end, origin);
        else
            runs.Add(new(end, origin));
    }
}
