namespace Cria.Data;

/// <summary>Files of records, read one after another as if they were one.</summary>
/// <param name="paths">In the order in which they are read.</param>
public sealed class DataFiles(IReadOnlyList<string> paths)
{
    /// <summary>The files as the user named them.</summary>
    public IReadOnlyList<string> Paths { get; } = paths;

    /// <summary>A single file.</summary>
    public static implicit operator DataFiles(string path) => new(string.IsNullOrEmpty(path) ? [] : [path]);

    /// <inheritdoc/>
    public override string ToString() => Paths is [var first, _, ..] ? $"{first} and {Paths.Count - 1} more" : string.Concat(Paths);
}
