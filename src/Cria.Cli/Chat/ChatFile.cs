using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tokenizers;

namespace Cria.Cli.Chat;

/// <summary>A conversation as a file: one JSON object with <c>messages</c>, which is also a record to train on.</summary>
internal static class ChatFile
{
    public static void Save(string path, IReadOnlyList<ChatMessage> messages)
    {
        var conversation = new JsonObject
        {
            ["messages"] = JsonAnswer.Array(messages, message => new JsonObject { ["role"] = Name(message.Role), ["content"] = message.Text }),
        };
        AtomicFile.WriteText(path, JsonAnswer.Text(conversation) + "\n");
    }

    /// <exception cref="UsageException">The file is no conversation.</exception>
    public static IReadOnlyList<ChatMessage> Load(string path)
    {
        if (!File.Exists(path))
            throw new UsageException($"{path}: there is no such file.");
        if (JsonFile.Read(path)["messages"] is not JsonArray { Count: > 0 } messages)
            throw new UsageException($"{path}: expected a conversation as /save writes it: {{\"messages\": [{{\"role\": …, \"content\": …}}, …]}}.");
        return [.. messages.Select((message, i) => Message(message, $"{path}: message {i + 1}"))];
    }

    private static ChatMessage Message(JsonNode? message, string where)
    {
        string? role = Text(message, "role"), content = Text(message, "content");
        foreach (var known in Enum.GetValues<ChatRole>())
            if (role == Name(known) && content is not null)
                return new ChatMessage(known, content);
        throw new UsageException($"{where} needs a 'role' (system, user, assistant or tool) and a 'content', which is a text.");
    }

    private static string? Text(JsonNode? message, string key) =>
        message is JsonObject map && map[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static string Name(ChatRole role) => role switch
    {
        ChatRole.System => "system",
        ChatRole.User => "user",
        ChatRole.Assistant => "assistant",
        _ => "tool",
    };
}
