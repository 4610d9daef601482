using Cria.Tokenizers;

namespace Cria.Data;

/// <summary><c>{"prompt": "…", "completion": "…"}</c>: a question and the answer to learn.</summary>
internal sealed class PromptCompletionRecords : RecordFormat
{
    public override string Name => "prompt-completion";

    public override string Keys => "prompt, completion";

    public override IReadOnlyList<string> Fields { get; } = ["prompt", "completion", "system"];

    public override bool Matches(DataRecord record) => record.Has("prompt") && record.Has("completion");

    public override RecordContent Read(DataRecord record)
    {
        ChatMessage[] pair = [new(ChatRole.User, record.Text("prompt")), new(ChatRole.Assistant, record.Text("completion"))];
        return new ConversationContent(record.TextOrEmpty("system") is { Length: > 0 } system ? [new(ChatRole.System, system), .. pair] : pair);
    }
}
