namespace Cria.Data.Parquet;

/// <summary>How a column stores its values.</summary>
internal enum ParquetType
{
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    FixedBytes,
}
