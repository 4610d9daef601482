namespace Cria.Data;

/// <summary>Where a record stands, so that a message can name it.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">The line on which the record begins, counted from 1; of a Parquet file, which has no lines, the row.</param>
public readonly record struct RecordOrigin(string File, int Line)
{
    internal const string ParquetExtension = ".parquet";

    /// <inheritdoc/>
    public override string ToString() => $"{File}, {(File.EndsWith(ParquetExtension, StringComparison.OrdinalIgnoreCase) ? "row" : "line")} {Line}";
}
