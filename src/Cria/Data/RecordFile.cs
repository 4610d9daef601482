using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Data.Parquet;

namespace Cria.Data;

/// <summary>The records of a file, one after another: .jsonl and .json (told apart by content), tables, .txt; all but .parquet also as .gz and .zst.</summary>
internal static class RecordFile
{
    /// <summary>The most bytes of one record.</summary>
    public const int LongestRecord = 64 << 20;

    private const int LongestText = 1 << 30;

    /// <summary>The records. Each is valid until the next is asked for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bad">Is told of a record that cannot be read; the reading goes on behind it, if this returns.</param>
    /// <param name="wanted">The fields to read where a file can be read by columns; null for all.</param>
    /// <exception cref="DataException">The file cannot be read, or not any further.</exception>
    public static IEnumerable<DataRecord> Read(string path, Action<DataException> bad, IReadOnlySet<string>? wanted = null)
    {
        if (path.EndsWith(RecordOrigin.ParquetExtension, StringComparison.OrdinalIgnoreCase))
            return ParquetRecords.Read(path, wanted);
        string extension = Path.GetExtension(path).ToLowerInvariant();
        string? compression = extension is ".gz" or ".zst" ? extension : null;
        if (compression is not null)
            extension = Path.GetExtension(path[..^compression.Length]).ToLowerInvariant();
        Func<Stream, IEnumerable<DataRecord>> read = extension switch
        {
            ".json" or ".jsonl" => stream => Json(stream, path, bad),
            ".txt" => stream => Text(stream, path),
            ".csv" or ".tsv" => stream => CsvRecords.Read(stream, path, extension, bad),
            _ => throw (Directory.Exists(path) ? DataException.Folder(path) : File.Exists(path) ? DataException.Extension(path) : DataException.Absent(path)),
        };
        return Read(path, compression, read);
    }

    private static IEnumerable<DataRecord> Read(string path, string? compression, Func<Stream, IEnumerable<DataRecord>> read)
    {
        using var stream = RecordStream.Open(path, compression);
        foreach (var record in read(stream))
            yield return record;
    }

    private static IEnumerable<DataRecord> Text(Stream stream, string path)
    {
        byte[] bytes = RecordStream.ReadAll(stream, path, LongestText);
        using var document = JsonDocument.Parse(new JsonObject { ["text"] = System.Text.Encoding.UTF8.GetString(bytes.AsSpan().TrimStart("\uFEFF"u8)) }.ToJsonString());
        yield return new DataRecord(document.RootElement, new RecordOrigin(path, 1));
    }

    private static IEnumerable<DataRecord> Json(Stream stream, string path, Action<DataException> bad)
    {
        var buffer = new RecordBuffer(stream, path, LongestRecord);
        return RecordArray.Is(buffer) ? Elements(new RecordArray(buffer), bad) : Lines(new RecordLines(buffer), path, bad);
    }

    private static IEnumerable<DataRecord> Elements(RecordArray array, Action<DataException> bad)
    {
        while (array.Next(out var origin) is { } element)
        {
            using (element)
            {
                if (IsObject(element.RootElement, origin, bad))
                    yield return new DataRecord(element.RootElement, origin);
            }
        }
    }

    private static IEnumerable<DataRecord> Lines(RecordLines lines, string path, Action<DataException> bad)
    {
        while (lines.Next() is { } line)
        {
            if (line.Span.TrimStart(" \t\r"u8).IsEmpty)
                continue;
            var origin = new RecordOrigin(path, lines.Number);
            using var document = Parse(line, origin, bad);
            if (document is not null && IsObject(document.RootElement, origin, bad))
                yield return new DataRecord(document.RootElement, origin);
        }
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> line, RecordOrigin origin, Action<DataException> bad)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException wrong)
        {
            bad(DataException.NotJson(origin, wrong.BytePositionInLine ?? 0));
            return null;
        }
    }

    private static bool IsObject(JsonElement json, RecordOrigin origin, Action<DataException> bad)
    {
        if (json.ValueKind == JsonValueKind.Object)
            return true;
        bad(DataException.BadRecord(origin, DataFault.Syntax, $"a record must be an object, found {DataRecord.Kind(json)}."));
        return false;
    }
}
