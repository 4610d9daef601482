using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cria.Data;

/// <summary>The records of a file, one after another: .jsonl and .json (told apart by content), .txt; each also as .gz.</summary>
internal static class RecordFile
{
    private const int LongestLine = 64 << 20;
    private const int LongestFile = 1 << 30;

    /// <summary>The records. Each is valid until the next is asked for.</summary>
    /// <exception cref="DataException">The file cannot be read, or a record is no JSON object.</exception>
    public static IEnumerable<DataRecord> Read(string path)
    {
        bool compressed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        string extension = Path.GetExtension(compressed ? path[..^3] : path).ToLowerInvariant();
        if (extension is not (".json" or ".jsonl" or ".txt"))
            throw DataException.Extension(path);
        using var stream = Open(path, compressed);
        var records = extension == ".txt" ? Text(stream, path) : Json(stream, path);
        foreach (var record in records)
            yield return record;
    }

    private static BufferedStream Open(string path, bool compressed)
    {
        try
        {
            var file = File.OpenRead(path);
            return new BufferedStream(compressed ? new GZipStream(file, CompressionMode.Decompress) : file, 1 << 16);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DataException.Absent(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw DataException.Unreadable(path, refused.Message);
        }
    }

    private static IEnumerable<DataRecord> Text(Stream stream, string path)
    {
        byte[] bytes = RecordLines.ReadAll(stream, path, LongestFile);
        using var document = JsonDocument.Parse(new JsonObject { ["text"] = System.Text.Encoding.UTF8.GetString(bytes) }.ToJsonString());
        yield return new DataRecord(document.RootElement, new RecordOrigin(path, 1));
    }

    private static IEnumerable<DataRecord> Json(Stream stream, string path)
    {
        var lines = new RecordLines(stream, path, LongestLine);
        return lines.StartsWith((byte)'[') ? Elements(new RecordArray(lines.Rest(LongestFile), path)) : Lines(lines, path);
    }

    private static IEnumerable<DataRecord> Elements(RecordArray array)
    {
        while (array.Next(out var origin) is { } element)
        {
            using (element)
                yield return Object(element.RootElement, origin);
        }
    }

    private static IEnumerable<DataRecord> Lines(RecordLines lines, string path)
    {
        while (lines.Next() is { } line)
        {
            if (line.Span.TrimStart(" \t\r"u8).IsEmpty)
                continue;
            var origin = new RecordOrigin(path, lines.Number);
            using var document = Parse(line, origin);
            yield return Object(document.RootElement, origin);
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> line, RecordOrigin origin)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException wrong)
        {
            throw DataException.BadRecord(origin, $"not valid JSON, at byte {wrong.BytePositionInLine} of this line.");
        }
    }

    private static DataRecord Object(JsonElement json, RecordOrigin origin) => json.ValueKind == JsonValueKind.Object
        ? new DataRecord(json, origin)
        : throw DataException.BadRecord(origin, $"a record must be an object, found {DataRecord.Kind(json)}.");
}
