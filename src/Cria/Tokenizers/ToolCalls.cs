using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Templates;

namespace Cria.Tokenizers;

/// <summary>Reads the calls of tools out of what a model answered.</summary>
/// <remarks>
/// LLaMA models write them in three forms: a JSON object with <c>name</c> and <c>parameters</c> (3.1), <c>&lt;function=name&gt;{…}&lt;/function&gt;</c> (3.1, where a prompt asks for it), and a list in
/// Python's way, <c>[f(a=1), g(b='x')]</c> (3.2, 3.3, 4). Marks such as <c>&lt;|python_tag|&gt;</c> may stand around.
/// </remarks>
public static class ToolCalls
{
    // Longer answers are texts, and nobody's calls.
    private const int Longest = 100_000;

    private const string Open = "<function=", Close = "</function>";

    private static readonly string[] Marks =
        ["<|python_tag|>", "<|python_start|>", "<|python_end|>", "<|eom_id|>", "<|eot_id|>", "<|eom|>", "<|eot|>"];

    /// <summary>The calls, in order; none where the answer is a text for people.</summary>
    /// <param name="answer">All that the model wrote.</param>
    public static IReadOnlyList<ToolCall> Read(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.Length > Longest)
            return [];
        string text = Marks.Aggregate(answer, (rest, mark) => rest.Replace(mark, "", StringComparison.Ordinal)).Trim();
        return Tagged(text) ?? Objects(text) ?? PythonicCalls.Read(text) ?? [];
    }

    private static List<ToolCall>? Tagged(string text)
    {
        var calls = new List<ToolCall>();
        for (int at = 0; (at = text.IndexOf(Open, at, StringComparison.Ordinal)) >= 0;)
        {
            at += Open.Length;
            int name = text.IndexOf('>', at), end = name < 0 ? -1 : text.IndexOf(Close, name, StringComparison.Ordinal);
            if (end < 0)
                break;
            if (Call(new JsonObject { ["name"] = text[at..name].Trim(), ["parameters"] = text[(name + 1)..end] }) is { } call)
                calls.Add(call);
            at = end;
        }
        return calls.Count > 0 ? calls : null;
    }

    private static List<ToolCall>? Objects(string text)
    {
        if (text.Length == 0 || text[0] is not ('{' or '['))
            return null;
        var nodes = Parse(text);
        if (nodes is [JsonArray list])
            nodes = [.. list];
        var calls = nodes?.Select(Call).OfType<ToolCall>().ToList();
        return calls is { Count: > 0 } && calls.Count == nodes!.Count ? calls : null;
    }

    /// <summary>One JSON value, or several with semicolons, white space or nothing between; null where something else stands there.</summary>
    private static List<JsonNode?>? Parse(string text)
    {
        var nodes = new List<JsonNode?>();
        var rest = System.Text.Encoding.UTF8.GetBytes(text).AsMemory();
        try
        {
            while (!(rest = rest.TrimStart(" \t\r\n;"u8)).IsEmpty)
            {
                var reader = new Utf8JsonReader(rest.Span, isFinalBlock: true, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true }));
                nodes.Add(JsonNode.Parse(ref reader));
                rest = rest[(int)reader.BytesConsumed..];
            }
            return nodes;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ToolCall? Call(JsonNode? node)
    {
        try
        {
            var call = node as JsonObject;
            var function = call?["function"] as JsonObject ?? call;
            string? name = Text(function?["name"]) ?? Text(call?["function"]);
            var arguments = function?["parameters"] ?? function?["arguments"];
            if (Text(arguments) is { } written)
            {
                if (Parse(written) is not [JsonObject parsed])
                    return null;
                arguments = parsed;
            }
            if (name is not { Length: > 0 } || arguments is not (null or JsonObject))
                return null;
            JsonValues.Read(arguments, default);   // goes through all of it, and so finds keys that stand twice
            return new ToolCall(name, (JsonObject?)arguments?.DeepClone() ?? [], Text(call?["id"]));
        }
        catch (Exception wrong) when (wrong is ArgumentException or InvalidOperationException or JinjaException)     // a key twice; half of a surrogate pair
        {
            return null;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
