using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Cria.Data.Parquet;

/// <summary>Where one column of one row group stands in the file.</summary>
internal sealed record ColumnChunk(long Start, long Values, int Codec);

/// <summary>Rows that were written together.</summary>
internal sealed record RowGroup(long Rows, IReadOnlyList<ColumnChunk> Columns);

/// <summary>What a Parquet file says of itself at its end, held against the size of the file before anything is read by it.</summary>
/// <remarks><see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift"/>, FileMetaData.</remarks>
internal sealed record ParquetFooter(ParquetNode Schema, IReadOnlyList<RowGroup> Groups)
{
    // Nulls and repetitions take almost no room, so a small file may have many rows; but a few bytes must not give billions.
    private const long MostValuesPerByte = 100;
    private const int Longest = 32 << 20, Ending = 8;

    public static ParquetFooter Read(SafeFileHandle file)
    {
        long size = RandomAccess.GetLength(file);
        if (size < Ending)
            throw new InvalidDataException($"it is no Parquet file, or was cut short: it has {size} bytes");
        byte[] ending = Bytes(file, size - Ending, Ending, size);
        if (ending.AsSpan(4).SequenceEqual("PARE"u8))
            throw new InvalidDataException("it is encrypted");
        if (!ending.AsSpan(4).SequenceEqual("PAR1"u8))
            throw new InvalidDataException("it is no Parquet file, or was cut short: its last bytes are not PAR1");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(ending);
        if (length > Longest)
            throw new InvalidDataException($"its footer claims to have {length} bytes");
        var thrift = new ThriftReader(Bytes(file, size - Ending - length, (int)length, size));
        return Read(ref thrift, size);
    }

    /// <summary>Bytes of a file.</summary>
    public static byte[] Bytes(SafeFileHandle file, long start, int length, long size)
    {
        if (start < 0 || length < 0 || length > size - start)
            throw new InvalidDataException($"it has {size} bytes, and {length} were to be read from {start} on");
        byte[] bytes = new byte[length];
        for (int read = 0; read < length;)
            read += RandomAccess.Read(file, bytes.AsSpan(read), start + read) is > 0 and var more ? more : throw new EndOfStreamException("it was cut short while it was read");
        return bytes;
    }

    private static ParquetFooter Read(ref ThriftReader thrift, long size)
    {
        var elements = new List<SchemaElement>();
        var groups = new List<RowGroup>();
        ParquetNode? schema = null;
        for (int id = 0; thrift.Field(ref id, out byte kind);)
        {
            if (id == 2)
            {
                for (int left = thrift.ListLength(); left > 0; left--)
                    elements.Add(SchemaElement.Read(ref thrift));
                schema = SchemaElement.Tree(elements);
            }
            else if (id == 4)
            {
                int columns = schema?.Leaves.Count ?? throw new InvalidDataException("it has no schema");
                for (int left = thrift.ListLength(); left > 0; left--)
                    groups.Add(Group(ref thrift, columns, size));
            }
            else
            {
                thrift.Skip(kind);
            }
        }
        long rows = groups.Aggregate(0L, (sum, group) => sum + group.Rows);
        return schema is not null && rows <= Most(size) ? new(schema, groups) : throw new InvalidDataException($"it claims to have {rows} rows in {size} bytes");
    }

    private static RowGroup Group(ref ThriftReader thrift, int columns, long size)
    {
        var chunks = new List<ColumnChunk>(columns);
        long rows = 0;
        for (int id = 0; thrift.Field(ref id, out byte kind);)
        {
            if (id == 1)
            {
                for (int left = thrift.ListLength(); left > 0; left--)
                    chunks.Add(Chunk(ref thrift, size));
            }
            else if (id == 3)
            {
                rows = thrift.Number();
            }
            else
            {
                thrift.Skip(kind);
            }
        }
        if (chunks.Count != columns)
            throw new InvalidDataException($"a row group has {chunks.Count} columns, and the schema {columns}");
        return rows >= 0 && rows <= Most(size) ? new(rows, chunks) : throw new InvalidDataException($"a row group claims to have {rows} rows in {size} bytes");
    }

    private static ColumnChunk Chunk(ref ThriftReader thrift, long size)
    {
        ColumnChunk? chunk = null;
        for (int id = 0; thrift.Field(ref id, out byte kind);)
        {
            if (id == 3)
                chunk = Metadata(ref thrift);
            else if (id == 1)
                throw new InvalidDataException("a column of it stands in another file");
            else
                thrift.Skip(kind);
        }
        if (chunk is null)
            throw new InvalidDataException("a column has no metadata, or is encrypted");
        return chunk.Start >= 0 && chunk.Start < size && chunk.Values >= 0 && chunk.Values <= Most(size)
            ? chunk
            : throw new InvalidDataException($"a column claims to have {chunk.Values} values from byte {chunk.Start} of {size} on");
    }

    private static ColumnChunk Metadata(ref ThriftReader thrift)
    {
        var (codec, values, data, dictionary) = (0, 0L, 0L, 0L);
        for (int id = 0; thrift.Field(ref id, out byte kind);)
        {
            switch (id)
            {
                case 4:
                    codec = thrift.Count();
                    break;
                case 5:
                    values = thrift.Number();
                    break;
                case 9:
                    data = thrift.Number();
                    break;
                case 11:
                    dictionary = thrift.Number();
                    break;
                default:
                    thrift.Skip(kind);
                    break;
            }
        }
        return new(dictionary > 0 && dictionary < data ? dictionary : data, values, codec);
    }

    private static long Most(long size) => size > long.MaxValue / MostValuesPerByte ? long.MaxValue : size * MostValuesPerByte;
}
