namespace Cria.Data.Parquet;

/// <summary>What stands before each page of a column.</summary>
/// <remarks>parquet.thrift, PageHeader. Version 2 of a page keeps its levels apart from the values, and never compresses them.</remarks>
internal sealed record PageHeader
{
    public const int Data = 0, Dictionary = 2, DataVersion2 = 3;

    public int Kind { get; private set; }

    public int Size { get; private set; }

    public int CompressedSize { get; private set; }

    public int Values { get; private set; }

    public int Encoding { get; private set; }

    public int DefinitionEncoding { get; private set; } = ValueEncoding.Hybrid;

    public int RepetitionEncoding { get; private set; } = ValueEncoding.Hybrid;

    public int DefinitionBytes { get; private set; }

    public int RepetitionBytes { get; private set; }

    public bool IsCompressed { get; private set; } = true;

    public static PageHeader Read(ref ThriftReader thrift)
    {
        var header = new PageHeader();
        for (int id = 0; thrift.Field(ref id, out byte kind);)
        {
            switch (id)
            {
                case 1:
                    header.Kind = thrift.Count();
                    break;
                case 2:
                    header.Size = thrift.Count();
                    break;
                case 3:
                    header.CompressedSize = thrift.Count();
                    break;
                case 5 or 7 or 8:
                    header.ReadValues(ref thrift, isDictionary: id == 7, version2: id == 8);
                    break;
                default:
                    thrift.Skip(kind);
                    break;
            }
        }
        return header;
    }

    // The three headers share their first field. Version 2 has nulls and rows in between; a dictionary says whether it is sorted.
    private void ReadValues(ref ThriftReader thrift, bool isDictionary, bool version2)
    {
        for (int id = 0; thrift.Field(ref id, out byte kind);)
        {
            switch (id)
            {
                case 1:
                    Values = thrift.Count();
                    break;
                case 2 when !version2:
                case 4 when version2:
                    Encoding = thrift.Count();
                    break;
                case 3 when !version2 && !isDictionary:
                    DefinitionEncoding = thrift.Count();
                    break;
                case 4 when !version2 && !isDictionary:
                    RepetitionEncoding = thrift.Count();
                    break;
                case 5 when version2:
                    DefinitionBytes = thrift.Count();
                    break;
                case 6 when version2:
                    RepetitionBytes = thrift.Count();
                    break;
                case 7 when version2:
                    IsCompressed = ThriftReader.Truth(kind);
                    break;
                default:
                    thrift.Skip(kind);
                    break;
            }
        }
    }
}
