namespace Cria.Data;

/// <summary><c>{"text": "…"}</c>, or a whole .txt file: every token is learned, and a long text is divided instead of cut.</summary>
internal sealed class TextRecords : RecordFormat
{
    public override string Name => "text";

    public override string Keys => "text";

    public override IReadOnlyList<string> Fields { get; } = ["text"];

    public override bool IsConversation => false;

    public override bool Divides => true;

    public override bool Matches(DataRecord record) => record.Has("text");

    public override RecordContent Read(DataRecord record) => new TextContent(record.Text("text"));
}
