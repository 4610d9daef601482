using Cria.Tokenizers;

namespace Cria.Data;

/// <summary><c>{"prompt": "…", "completion": "…"}</c>: a question and the answer to learn.</summary>
internal sealed class PromptCompletionRecords : RecordFormat
{
    public override string Name => "prompt-completion";

    public override string Keys => "prompt, completion";

    public override bool Matches(DataRecord record) => record.Has("prompt") && record.Has("completion");

    public override Example Read(DataRecord record, Rendering rendering) => rendering.Chat(
        [new ChatMessage(ChatRole.User, record.Text("prompt")), new ChatMessage(ChatRole.Assistant, record.Text("completion"))], record.Origin);
}
