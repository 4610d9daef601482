using Cria.Tokenizers;

namespace Cria.Data;

/// <summary><c>{"messages": [{"role": "user", "content": "…"}, …]}</c>: every message by the assistant is learned.</summary>
internal sealed class MessagesRecords : RecordFormat
{
    public override string Name => "messages";

    public override string Keys => "messages";

    public override IReadOnlyList<string> Fields { get; } = ["messages"];

    public override bool Matches(DataRecord record) => record.Has("messages");

    public override RecordContent Read(DataRecord record) => new ConversationContent([.. record.Objects("messages").Select(Message)]);

    private static ChatMessage Message(DataRecord message) => new(Role(message), message.Text("content"));

    private static ChatRole Role(DataRecord message) => message.Text("role") switch
    {
        "system" => ChatRole.System,
        "user" => ChatRole.User,
        "assistant" => ChatRole.Assistant,
        "tool" or "ipython" => ChatRole.Tool,
        var other => throw message.Bad(DataFault.UnknownRole, $"'role' must be system, user, assistant or tool, found '{other}'."),
    };
}
