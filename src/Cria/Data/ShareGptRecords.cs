namespace Cria.Data;

/// <summary><c>{"conversations": [{"from": "human", "value": "…"}, …]}</c>, with optional <c>"system"</c> and <c>"tools"</c> beside it.</summary>
internal sealed class ShareGptRecords : RecordFormat
{
    public override string Name => "sharegpt";

    public override string Keys => "conversations";

    public override IReadOnlyList<string> Fields { get; } = ["conversations", "system", "tools", "images"];

    public override bool Matches(DataRecord record) => record.Has("conversations");

    public override RecordContent Read(DataRecord record) => ConversationJson.Read(record, "conversations");
}
