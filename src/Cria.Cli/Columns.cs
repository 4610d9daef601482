namespace Cria.Cli;

/// <summary>Lines of a name and a value, the values standing below each other.</summary>
internal sealed class Columns
{
    private readonly List<(string Name, string Value)> lines = [];

    public void Add(string name, string value) => lines.Add((name, value));

    public void Write(TextWriter to)
    {
        int width = lines.Max(line => line.Name.Length) + 2;
        foreach (var (name, value) in lines)
            to.WriteLine(name.PadRight(width) + value.ReplaceLineEndings("\n" + new string(' ', width)));
    }
}
