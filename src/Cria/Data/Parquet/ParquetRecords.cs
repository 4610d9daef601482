using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Cria.Data.Parquet;

/// <summary>The rows of a Parquet file as records. Of each column one page at a time is in memory.</summary>
/// <remarks><see href="https://parquet.apache.org/docs/file-format/"/>.</remarks>
internal sealed class ParquetRecords : IDisposable
{
    private readonly string path;
    private readonly SafeFileHandle file;
    private readonly RowWriter writer = new();
    private readonly ParquetFooter footer;
    private readonly ParquetRow row;
    private readonly Dictionary<ParquetNode, ParquetColumn> columns;
    private int group = -1, number;
    private long leftInGroup;

    private ParquetRecords(string path, IReadOnlySet<string>? wanted)
    {
        (this.path, file) = (path, RecordStream.Open(path));
        footer = Guarded(() => ParquetFooter.Read(file));
        columns = footer.Schema.Leaves.ToDictionary(leaf => leaf, leaf => new ParquetColumn(file, leaf));
        row = new ParquetRow(footer.Schema, columns, wanted);
    }

    /// <summary>The records. Each is valid until the next is asked for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">The columns to read; null for all.</param>
    /// <exception cref="DataException">It cannot be read, or not any further.</exception>
    public static IEnumerable<DataRecord> Read(string path, IReadOnlySet<string>? wanted)
    {
        using var records = new ParquetRecords(path, wanted);
        while (records.Next() is { } document)
        {
            using (document)
                yield return new DataRecord(document.RootElement, new RecordOrigin(path, records.number));
        }
    }

    public void Dispose()
    {
        writer.Dispose();
        file.Dispose();
    }

    private JsonDocument? Next()
    {
        while (leftInGroup == 0)
        {
            if (++group == footer.Groups.Count)
                return null;
            leftInGroup = footer.Groups[group].Rows;
            if (leftInGroup > 0)
                Guarded(Begin);
        }
        leftInGroup--;
        number++;
        return Guarded(() => writer.Write(row.Write));
    }

    private bool Begin()
    {
        var chunks = footer.Schema.Leaves.Zip(footer.Groups[group].Columns).ToDictionary();
        foreach (var leaf in row.Leaves)
            columns[leaf].Begin(chunks[leaf]);
        return true;
    }

    // What a damaged file leads to is found where the bytes are taken apart: there the language itself checks every place and number.
    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception wrong) when (wrong is InvalidDataException or IOException or ZstdSharp.ZstdException)
        {
            throw DataException.Unreadable(path, At(wrong.Message));
        }
        catch (Exception damaged) when (damaged is ArgumentException or IndexOutOfRangeException or OverflowException or JsonException or InvalidOperationException)
        {
            throw DataException.Unreadable(path, At("the data is damaged"));
        }
    }

    private string At(string what) => number > 0 ? $"row {number} cannot be read: {what}." : $"{what}.";
}
