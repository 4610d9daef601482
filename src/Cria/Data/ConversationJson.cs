using System.Text.Json;
using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>
/// Conversations as OpenAI's files hold them (<c>role</c>, <c>content</c>, <c>tool_calls</c>, <c>weight</c>) and as ShareGPT's do
/// (<c>from</c>, <c>value</c>): files in the wild mix the two, so either is read wherever a conversation stands.
/// </summary>
/// <remarks>
/// <see href="https://platform.openai.com/docs/guides/supervised-fine-tuning"/>, and the sharegpt format of
/// <see href="https://github.com/hiyouga/LLaMA-Factory"/>, data/README.md.
/// </remarks>
internal static class ConversationJson
{
    /// <summary>The conversation in a list of messages, with <c>system</c> and <c>tools</c> beside it.</summary>
    public static ConversationContent Read(DataRecord record, string field)
    {
        if (record.TryGet("images", out var images) && images.ValueKind == JsonValueKind.Array && images.GetArrayLength() > 0)
            throw record.Bad(DataFault.WrongKind, "'images' names pictures, and only text can be learned.");
        var messages = new List<ChatMessage>();
        var learned = new List<bool>();
        if (record.TextOrEmpty("system") is { Length: > 0 } system)
            (messages, learned) = ([new ChatMessage(ChatRole.System, system)], [false]);
        foreach (var message in record.Objects(field))
        {
            messages.Add(Message(message));
            learned.Add(IsLearned(message));
        }
        return new ConversationContent(new ChatConversation(messages) { Tools = ToolJson.Tools(record) }, learned);
    }

    private static ChatMessage Message(DataRecord message)
    {
        string speaker = message.Has("from") ? message.Text("from") : message.Text("role");
        string content = message.Has("value") ? "value" : "content";
        if (speaker == "function_call")
            return new ChatMessage(ChatRole.Assistant, "") { ToolCalls = ToolJson.CallsInText(message, content) };
        var role = Role(message, speaker);
        var calls = ToolJson.Calls(message);
        return new ChatMessage(role, calls.Count > 0 && !message.Has(content) ? "" : Content(message, content, role))
        {
            ToolCalls = calls,
            ToolCallId = message.Has("tool_call_id") ? message.Text("tool_call_id") : null,
            Name = message.Has("name") ? message.Text("name") : null,
        };
    }

    private static ChatRole Role(DataRecord message, string speaker) => speaker switch
    {
        "system" or "developer" => ChatRole.System,
        "user" or "human" => ChatRole.User,
        "assistant" or "gpt" or "chatgpt" or "model" or "bot" => ChatRole.Assistant,
        "tool" or "ipython" or "function" or "observation" or "function_response" => ChatRole.Tool,
        _ => throw message.Bad(DataFault.UnknownRole, message.Has("from")
            ? $"'from' must be system, human, gpt, function_call, observation or tool, found '{speaker}'."
            : $"'role' must be system, user, assistant or tool, found '{speaker}'."),
    };

    // A text, or a list of parts that are texts. What a tool returned may be anything.
    private static string Content(DataRecord message, string field, ChatRole role)
    {
        var content = message.Field(field);
        if (content.ValueKind == JsonValueKind.Array && content.EnumerateArray().All(part => part.ValueKind == JsonValueKind.Object && new DataRecord(part, message.Origin).Has("type")))
            return string.Concat(message.Objects(field).Select(Part));
        return role == ChatRole.Tool && content.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? content.GetRawText() : message.Text(field);
    }

    private static string Part(DataRecord part) => part.Text("type") is "text" or "input_text" or "output_text"
        ? part.Text("text")
        : throw part.Bad(DataFault.WrongKind, $"'content' has a part of type '{part.Text("type")}', and only text can be learned.");

    private static bool IsLearned(DataRecord message)
    {
        if (!message.TryGet("weight", out var weight))
            return true;
        return weight.ValueKind == JsonValueKind.Number && weight.TryGetDouble(out double number) && number is 0 or 1
            ? number == 1
            : throw message.Bad(DataFault.WrongKind, $"'weight' must be 0 (not learned) or 1, found {weight.GetRawText()}.");
    }
}
