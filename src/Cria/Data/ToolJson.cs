using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>Tools and their calls, as records hold them: as JSON, or as JSON within a text.</summary>
internal static class ToolJson
{
    /// <summary>The tools that stand beside a conversation, each as <c>{"type": "function", "function": …}</c>; none where there are none.</summary>
    public static IReadOnlyList<JsonNode> Tools(DataRecord record)
    {
        if (!record.TryGet("tools", out var tools) || tools.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(record.Text("tools")))
            return [];
        return [.. record.Objects("tools").Select(tool => Tool(record, tool))];
    }

    /// <summary>The calls of OpenAI's <c>tool_calls</c>, or of the <c>function_call</c> that came before them.</summary>
    public static IReadOnlyList<ToolCall> Calls(DataRecord message)
    {
        if (message.Has("tool_calls"))
            return [.. message.Objects("tool_calls").Select(call => Call(message, call.Json))];
        return message.TryGet("function_call", out var one) ? [Call(message, one)] : [];
    }

    /// <summary>The calls of a message whose text is one call, or a list of them.</summary>
    public static IReadOnlyList<ToolCall> CallsInText(DataRecord message, string field)
    {
        var value = message.Field(field);
        var calls = value.ValueKind == JsonValueKind.String ? message.Parse(message.Text(field), $"'{field}' of a function_call") : value;
        return calls.ValueKind == JsonValueKind.Array ? [.. calls.EnumerateArray().Select(call => Call(message, call))] : [Call(message, calls)];
    }

    private static ToolCall Call(DataRecord message, JsonElement json)
    {
        var outer = new DataRecord(Object(message, json), message.Origin);
        var call = outer.TryGet("function", out var function) ? new DataRecord(Object(message, function), message.Origin) : outer;
        return new ToolCall(call.Text("name"), Arguments(call), outer.Has("id") ? outer.Text("id") : null);
    }

    private static JsonObject Arguments(DataRecord call)
    {
        if (!call.TryGet("arguments", out var arguments) && !call.TryGet("parameters", out arguments))
            return [];
        if (arguments.ValueKind == JsonValueKind.String)
            arguments = string.IsNullOrWhiteSpace(call.Text(arguments, "'arguments'")) ? default : call.Parse(call.Text(arguments, "'arguments'"), "'arguments' of a tool call");
        return arguments.ValueKind == JsonValueKind.Undefined ? [] : Node(call, Object(call, arguments));
    }

    private static JsonObject Tool(DataRecord record, DataRecord tool) => tool.Has("function")
        ? Node(record, tool.Json)
        : new JsonObject { ["type"] = "function", ["function"] = Node(record, tool.Json) };

    // A node of our own: the record's JSON is gone when the next record is read. What a template would trip over later is found now.
    private static JsonObject Node(DataRecord record, JsonElement json)
    {
        try
        {
            Read(json);
            return (JsonObject)JsonNode.Parse(json.GetRawText(), null, new JsonDocumentOptions { AllowDuplicateProperties = false })!;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw record.Bad(DataFault.WrongKind, "a tool, or a call of one, names a key twice or holds bytes that are no text.");
        }
    }

    // Every text is decoded once; JSON of a hostile depth was refused before.
    private static void Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
            json.GetString();
        foreach (var item in json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : default)
            Read(item);
        foreach (var property in json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : default)
        {
            _ = property.Name;
            Read(property.Value);
        }
    }

    private static JsonElement Object(DataRecord message, JsonElement json) => json.ValueKind == JsonValueKind.Object
        ? json
        : throw message.Bad(DataFault.WrongKind, $"a tool call must be an object with a name and arguments, found {DataRecord.Kind(json)}.");
}
