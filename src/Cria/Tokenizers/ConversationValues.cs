using Cria.Templates;

namespace Cria.Tokenizers;

/// <summary>A conversation as the variables that chat templates know.</summary>
/// <remarks>Names as in transformers: messages, tools, add_generation_prompt, and the special tokens. What comes from a message carries its index.</remarks>
internal static class ConversationValues
{
    public static IEnumerable<KeyValuePair<string, Value>> Of(
        ChatConversation conversation, bool prompt, IReadOnlyDictionary<string, string> tokens, Tokenizer tokenizer)
    {
        if (tokenizer.BeginOfText is { } begin)
            yield return new("bos_token", new Text(tokenizer.SpecialName(begin)));
        if (tokenizer.EndOfText.Count > 0)
            yield return new("eos_token", new Text(tokenizer.SpecialName(tokenizer.EndOfText[0])));
        foreach (var (name, token) in tokens)
            yield return new(name, new Text(token));
        yield return new("messages", new ListValue([.. conversation.Messages.Select(Message)]));
        yield return new("tools", conversation.Tools.Count == 0 ? None.Value : new ListValue([.. conversation.Tools.Select(tool => JsonValues.Read(tool, Origin.Data))]));
        yield return new("documents", None.Value);
        yield return new("add_generation_prompt", Bool.Of(prompt));
        foreach (var (name, value) in conversation.Variables ?? [])
            yield return new(name, JsonValues.Read(value, Origin.Data));
    }

    // Templates put marks together from roles, as '<|' + role + '|>'. Roles are ours, one of four words: they count as the template's.
    private static MapValue Message(ChatMessage message, int index)
    {
        var origin = Origin.Message(index);
        var entries = new List<KeyValuePair<Value, Value>> { Entry("role", new Text(RoleName(message.Role))), Entry("content", new Text(message.Text, origin)) };
        if (message.ToolCalls.Count > 0)
            entries.Add(Entry("tool_calls", new ListValue([.. message.ToolCalls.Select(call => ToolCall(call, origin))])));
        if (message.ToolCallId is { } id)
            entries.Add(Entry("tool_call_id", new Text(id, origin)));
        if (message.Name is { } name)
            entries.Add(Entry("name", new Text(name, origin)));
        return new MapValue(entries);
    }

    private static MapValue ToolCall(ToolCall call, Origin origin)
    {
        var function = new MapValue([Entry("name", new Text(call.Name, origin)), Entry("arguments", JsonValues.Read(call.Arguments, origin))]);
        var entries = new List<KeyValuePair<Value, Value>> { Entry("type", new Text("function")), Entry("function", function) };
        if (call.Id is { } id)
            entries.Add(Entry("id", new Text(id, origin)));
        return new MapValue(entries);
    }

    private static string RoleName(ChatRole role) => role switch
    {
        ChatRole.System => "system",
        ChatRole.User => "user",
        ChatRole.Assistant => "assistant",
        _ => "tool",
    };

    private static KeyValuePair<Value, Value> Entry(string name, Value value) => new(new Text(name), value);
}
