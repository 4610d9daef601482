namespace Cria.Data;

/// <summary>Where a record stands, so that a message can name it.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">The line on which the record begins, counted from 1.</param>
public readonly record struct RecordOrigin(string File, int Line)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}, line {Line}";
}
