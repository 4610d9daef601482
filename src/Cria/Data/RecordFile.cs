using System.Text.Json;
using System.Text.Json.Nodes;

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
    /// <exception cref="DataException">The file cannot be read, or not any further.</exception>
    public static IEnumerable<DataRecord> Read(string path, Action<DataException> bad)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        string? compression = extension is ".gz" or ".zst" ? extension : null;
        if (compression is not null)
            extension = Path.GetExtension(path[..^compression.Length]).ToLowerInvariant();
        using var stream = RecordStream.Open(path, compression);
        var records = extension switch
        {
            ".json" or ".jsonl" => Json(stream, path, bad),
            ".txt" => Text(stream, path),
            ".csv" or ".tsv" => CsvRecords.Read(stream, path, extension, bad),
            _ => throw DataException.Extension(path),
        };
        foreach (var record in records)
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
