using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Cria.Checkpoints;

/// <summary>Reads a JSON object from a file that a stranger may have written: of bounded length and depth, no key twice.</summary>
public static class JsonFile
{
    /// <summary>The longest file in bytes. The list of parts of the largest LLaMA takes a tenth of a megabyte.</summary>
    internal const int MaxLength = 32 << 20;

    /// <summary>How deep objects and arrays may stand inside each other.</summary>
    internal const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object that the file holds.</summary>
    /// <exception cref="CheckpointException">The file cannot be opened, or does not hold one.</exception>
    public static JsonObject Read(string path)
    {
        ReadOnlySpan<byte> json = ReadBytes(path);
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];               // the mark that some editors on Windows put first
        if (!Utf8.IsValid(json))
            throw CheckpointException.BadText(path);
        try
        {
            CheckEscapes(json, path);
            return JsonNode.Parse(json, nodeOptions: null, Options) as JsonObject ?? throw CheckpointException.NotAnObject(path);
        }
        catch (JsonException wrong)
        {
            throw CheckpointException.BadJson(path, wrong.LineNumber ?? 0, wrong.BytePositionInLine ?? 0);
        }
    }

    /// <summary>Writes an object, indented, as people and Python's libraries read it.</summary>
    /// <exception cref="CheckpointException">The disk refuses.</exception>
    public static void Write(string path, JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        AtomicFile.Write(path, stream =>
        {
            using var writer = new Utf8JsonWriter(stream, Indented);
            json.WriteTo(writer);
        });
    }

    // Half of a surrogate pair would be found only by whoever looks at that text, long after this.
    private static void CheckEscapes(ReadOnlySpan<byte> json, string path)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped)
                    reader.GetString();
        }
        catch (InvalidOperationException)
        {
            throw CheckpointException.BadText(path);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MaxLength)
                throw CheckpointException.TooLong(path, MaxLength, stream.Length);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotOpen(path, because);
        }
    }
}
