namespace Cria.Data;

/// <summary><c>{"messages": [{"role": "user", "content": "…"}, …], "tools": […]}</c>: every message by the assistant is learned, unless it has <c>"weight": 0</c>.</summary>
internal sealed class MessagesRecords : RecordFormat
{
    public override string Name => "messages";

    public override string Keys => "messages";

    public override IReadOnlyList<string> Fields { get; } = ["messages", "system", "tools", "images"];

    public override bool Matches(DataRecord record) => record.Has("messages");

    public override RecordContent Read(DataRecord record) => ConversationJson.Read(record, "messages");
}
