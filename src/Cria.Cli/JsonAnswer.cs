using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;

namespace Cria.Cli;

/// <summary>The <c>--json [FILE]</c> option: the answer as JSON, to stdout or to a file.</summary>
internal static class JsonAnswer
{
    // Names and texts in their own letters: this is read by people and programs, never pasted into a web page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Option<string?> Option() => new Option<string?>("--json")
    {
        Description = "Answer as JSON: to FILE if one is named, else to stdout.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    }.Written();

    public static bool IsAsked(ParseResult parsed, Option<string?> option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Writes one object and a line end.</summary>
    public static void Write(JsonNode answer, ParseResult parsed, Option<string?> option, Terminal terminal) => Write(Text(answer) + "\n", parsed, option, terminal);

    /// <summary>Writes lines that are answers already.</summary>
    public static void Write(string lines, ParseResult parsed, Option<string?> option, Terminal terminal)
    {
        if (parsed.GetValue(option) is not { } file)
        {
            terminal.Out.Write(lines);
            return;
        }
        try
        {
            File.WriteAllText(file, lines);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{option.Name}: {file} cannot be written: {DiskFault.Reason(because)}.", because);
        }
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
