using System.Text.Json.Nodes;

namespace Cria.Tokenizers;

/// <summary>Variables that built-in templates look at.</summary>
internal static class TemplateVariables
{
    public static string? Text(ChatConversation conversation, string name) => Find(conversation, name) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        var other => throw ChatTemplateException.Variable(name, "a text", other.ToJsonString()),
    };

    public static bool Flag(ChatConversation conversation, string name, bool otherwise) => Find(conversation, name) switch
    {
        null => otherwise,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        var other => throw ChatTemplateException.Variable(name, "true or false", other.ToJsonString()),
    };

    /// <summary>A list of texts; null where there is none.</summary>
    public static IReadOnlyList<string>? Texts(ChatConversation conversation, string name) => Find(conversation, name) switch
    {
        null => null,
        JsonArray list when list.All(item => item is JsonValue value && value.TryGetValue(out string? _)) => [.. list.Select(item => item!.GetValue<string>())],
        var other => throw ChatTemplateException.Variable(name, "a list of texts", other.ToJsonString()),
    };

    private static JsonNode? Find(ChatConversation conversation, string name) => conversation.Variables?[name];
}
