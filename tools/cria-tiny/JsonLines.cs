using System.Text.Encodings.Web;
using System.Text.Json;

namespace CriaTiny.Tools;

/// <summary>JSON lines, one object of strings each, with line feeds on every system.</summary>
internal static class JsonLines
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(string path, IEnumerable<(string Key, string Value)[]> records)
    {
        using var file = File.Create(path);
        foreach (var record in records)
        {
            using (var json = new Utf8JsonWriter(file, Options))
            {
                json.WriteStartObject();
                foreach (var (key, value) in record)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            file.Write("\n"u8);
        }
    }

    public static void WriteTexts(string path, IEnumerable<string> texts) =>
        Write(path, texts.Select(text => new[] { ("text", text) }));

    /// <summary>Records of the format <c>tokens</c>.</summary>
    public static void WriteTokens(string path, IEnumerable<int[]> sequences)
    {
        using var file = new StreamWriter(path) { NewLine = "\n" };
        foreach (int[] sequence in sequences)
            file.WriteLine($"{{\"input_ids\":[{string.Join(',', sequence)}]}}");
    }
}
