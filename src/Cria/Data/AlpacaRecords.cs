using Cria.Tokenizers;

namespace Cria.Data;

/// <summary><c>{"instruction": "…", "input": "…", "output": "…"}</c>: input may be empty or missing.</summary>
internal sealed class AlpacaRecords : RecordFormat
{
    public override string Name => "alpaca";

    public override string Keys => "instruction, input, output";

    public override bool Matches(DataRecord record) => record.Has("instruction") && record.Has("output");

    public override Example Read(DataRecord record, Rendering rendering)
    {
        var question = new ChatMessage(ChatRole.User, record.Text("instruction"), record.TextOrEmpty("input"));
        return rendering.Chat([question, new ChatMessage(ChatRole.Assistant, record.Text("output"))], record.Origin);
    }
}
