namespace Cria.Templates;

/// <summary>A text that knows of each of its characters where it comes from.</summary>
internal sealed class Text : Value
{
    /// <summary>Characters of one origin, up to an end.</summary>
    public readonly record struct Run(int End, Origin Origin);

    private readonly Run[] runs;

    public Text(string characters, Origin origin = default)
        : this(characters, characters.Length == 0 ? [] : [new Run(characters.Length, origin)])
    {
    }

    /// <param name="characters">The text.</param>
    /// <param name="runs">Whose ends rise to the length of the text.</param>
    public Text(string characters, Run[] runs) => (Characters, this.runs) = (characters, runs);

    public static Text Empty { get; } = new("");

    public string Characters { get; }

    public ReadOnlySpan<Run> Runs => runs;

    public int Length => Characters.Length;

    public override string Kind => "a text";

    public override bool IsTrue => Length > 0;

    public override long Size => 1 + Length / 64;

    /// <summary>The origin of a character.</summary>
    public Origin OriginAt(int index) => runs[RunAt(index)].Origin;

    /// <summary>The origin that all characters share, or that of the first.</summary>
    public Origin Origin => Length == 0 ? default : runs[0].Origin;

    public Text Slice(int start, int length)
    {
        if (length == Length)
            return this;
        if (length == 0)
            return Empty;
        var kept = new List<Run>();
        for (int i = RunAt(start); i < runs.Length; i++)
        {
            kept.Add(runs[i] with { End = Math.Min(runs[i].End, start + length) - start });
            if (runs[i].End >= start + length)
                break;
        }
        return new Text(Characters.Substring(start, length), [.. kept]);
    }

    /// <summary>The same runs over characters that were changed one by one, such as to capitals.</summary>
    public Text WithCharacters(string changed) => changed.Length == Length ? new Text(changed, runs) : new Text(changed, Origin);

    public override bool Equals(object? other) => other is Text text && text.Characters == Characters;

    public override int GetHashCode() => string.GetHashCode(Characters, StringComparison.Ordinal);

    private int RunAt(int index)
    {
        int low = 0, high = runs.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = runs[middle].End <= index ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}
