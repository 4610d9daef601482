using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>
/// <c>{"instruction": "…", "input": "…", "output": "…"}</c>: input may be empty or missing. Also, as LLaMA-Factory has it,
/// <c>"system"</c> and <c>"history": [["question", "answer"], …]</c>.
/// </summary>
internal sealed class AlpacaRecords : RecordFormat
{
    public override string Name => "alpaca";

    public override string Keys => "instruction, input, output";

    public override IReadOnlyList<string> Fields { get; } = ["instruction", "input", "output", "system", "history"];

    public override bool Matches(DataRecord record) => record.Has("instruction") && record.Has("output");

    public override RecordContent Read(DataRecord record)
    {
        var messages = new List<ChatMessage>();
        if (record.TextOrEmpty("system") is { Length: > 0 } system)
            messages.Add(new ChatMessage(ChatRole.System, system));
        foreach (var (question, answer) in record.Pairs("history"))
            messages.AddRange([new ChatMessage(ChatRole.User, question), new ChatMessage(ChatRole.Assistant, answer)]);
        messages.Add(new ChatMessage(ChatRole.User, record.Text("instruction"), record.TextOrEmpty("input")));
        messages.Add(new ChatMessage(ChatRole.Assistant, record.Text("output")));
        return new ConversationContent(messages);
    }
}
