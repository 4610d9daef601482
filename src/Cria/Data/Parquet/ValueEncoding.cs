namespace Cria.Data.Parquet;

/// <summary>The numbers by which pages name how their values are written.</summary>
internal static class ValueEncoding
{
    public const int Plain = 0, OldDictionary = 2, Hybrid = 3, DeltaNumbers = 5, DeltaLengths = 6, DeltaBytes = 7, Dictionary = 8, SplitBytes = 9;
}
