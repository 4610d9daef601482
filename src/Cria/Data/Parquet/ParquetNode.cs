namespace Cria.Data.Parquet;

/// <summary>One element of a file's schema, with what stands below it.</summary>
internal sealed class ParquetNode
{
    public required string Name { get; init; }

    /// <summary>Whether it may be absent.</summary>
    public required bool IsOptional { get; init; }

    /// <summary>Whether it stands several times, one after another.</summary>
    public required bool IsRepeated { get; init; }

    /// <summary>Whether it wraps a list: <c>group (LIST) { repeated group list { element } }</c>.</summary>
    public required bool IsList { get; init; }

    /// <summary>Of a leaf.</summary>
    public required ParquetType Type { get; init; }

    /// <summary>Of a leaf with values of a fixed length.</summary>
    public required int Width { get; init; }

    /// <summary>The definition level from which on it is there.</summary>
    public required int Definition { get; init; }

    /// <summary>The repetition level at which it stands once more.</summary>
    public required int Repetition { get; init; }

    /// <summary>Empty for a leaf.</summary>
    public required IReadOnlyList<ParquetNode> Children { get; init; }

    /// <summary>The leaves below it, or itself.</summary>
    public IReadOnlyList<ParquetNode> Leaves => field ??= Children.Count == 0 ? [this] : [.. Children.SelectMany(child => child.Leaves)];
}
