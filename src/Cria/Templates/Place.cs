namespace Cria.Templates;

/// <summary>Where something stands in the source of a template: line and column, from 1.</summary>
internal readonly record struct Place(int Line, int Column)
{
    public override string ToString() => $"line {Line}, column {Column}";
}
