using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cria.Cli;

/// <summary>The <c>--json [FILE]</c> option: the answer as JSON, to stdout or to a file.</summary>
internal static class JsonAnswer
{
    // Names and texts in their own letters: this is read by people and programs, never pasted into a web page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Option<string?> Option() => new("--json")
    {
        Description = "Answer as JSON: to FILE if one is named, else to stdout.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static bool IsAsked(ParseResult parsed, Option<string?> option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Writes one object and a line end.</summary>
    public static void Write(JsonNode answer, ParseResult parsed, Option<string?> option, Terminal terminal)
    {
        string text = Text(answer);
        if (parsed.GetValue(option) is { } file)
            File.WriteAllText(file, text + "\n");
        else
            terminal.Out.WriteLine(text);
    }

    public static string Text(JsonNode answer)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Readable))
            answer.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>An array of numbers or texts. (JsonArray's own constructor needs one node per element.)</summary>
    public static JsonArray Array<T>(IEnumerable<T> values, Func<T, JsonNode?> node) => [.. values.Select(node)];
}
