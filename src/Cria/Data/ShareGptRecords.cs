using Cria.Tokenizers;

namespace Cria.Data;

/// <summary><c>{"conversations": [{"from": "human", "value": "…"}, …]}</c>, with an optional <c>"system"</c> beside it.</summary>
internal sealed class ShareGptRecords : RecordFormat
{
    public override string Name => "sharegpt";

    public override string Keys => "conversations";

    public override IReadOnlyList<string> Fields { get; } = ["conversations", "system"];

    public override bool Matches(DataRecord record) => record.Has("conversations");

    public override RecordContent Read(DataRecord record)
    {
        var messages = record.Objects("conversations").Select(Message);
        if (record.TextOrEmpty("system") is { Length: > 0 } system)
            messages = messages.Prepend(new ChatMessage(ChatRole.System, system));
        return new ConversationContent([.. messages]);
    }

    private static ChatMessage Message(DataRecord message) => new(Role(message), message.Text("value"));

    private static ChatRole Role(DataRecord message) => message.Text("from") switch
    {
        "system" => ChatRole.System,
        "human" or "user" => ChatRole.User,
        "gpt" or "assistant" or "function_call" => ChatRole.Assistant,
        "observation" or "tool" => ChatRole.Tool,
        var other => throw message.Bad(DataFault.UnknownRole, $"'from' must be system, human, gpt, function_call or observation, found '{other}'."),
    };
}
