using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cria.Data;

/// <summary>Rows of a table as records: what reads a record need not know what kind of file it stood in.</summary>
internal sealed class RowWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> bytes = new();
    private readonly Utf8JsonWriter json;

    public RowWriter() => json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>The record whose fields were written. Valid until the next is begun.</summary>
    public JsonDocument Write(Action<Utf8JsonWriter> fields)
    {
        bytes.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        fields(json);
        json.WriteEndObject();
        json.Flush();
        return JsonDocument.Parse(bytes.WrittenMemory);
    }

    public void Dispose() => json.Dispose();
}
