namespace Cria.Data;

/// <summary><c>{"text": "…"}</c>, or a whole .txt file: every token is learned, and a long text is divided instead of cut.</summary>
internal sealed class TextRecords : RecordFormat
{
    public override string Name => "text";

    public override string Keys => "text";

    public override bool Divides => true;

    public override bool Matches(DataRecord record) => record.Has("text");

    public override Example Read(DataRecord record, Rendering rendering) => rendering.Text(record.Text("text"), record.Origin);
}
