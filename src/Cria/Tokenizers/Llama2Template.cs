namespace Cria.Tokenizers;

/// <summary>Each turn is a text of its own: <c>&lt;s&gt;[INST] question [/INST] answer &lt;/s&gt;</c>, the system message inside the first question.</summary>
/// <remarks>
/// As Meta's reference code does it (<see href="https://github.com/meta-llama/llama"/>, <c>llama/generation.py</c>): messages are trimmed, and those that
/// hold one of the marks are refused.
/// </remarks>
internal sealed class Llama2Template : ChatTemplate
{
    private static readonly string[] Tags = ["[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"];

    public override string Name => "llama2";

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        RefuseTools(conversation);
        var messages = conversation.Messages;
        foreach (string tag in Tags)
            if (messages.Any(message => message.Text.Contains(tag, StringComparison.Ordinal)))
                throw ChatTemplateException.Tag(Name, tag);

        foreach (var (index, message) in Turns(messages, out string? system))
        {
            writer.Message = index;
            if (message.Role == ChatRole.Assistant)
            {
                // The space stands with the answer, not after the prompt: no word of the vocabulary ends in one.
                writer.Text($" {message.Text.Trim()} ", answer: true);
                writer.End();
                continue;
            }
            string question = system is null ? message.Text : $"<<SYS>>\n{system}\n<</SYS>>\n\n{message.Text}";
            writer.Begin();
            writer.Text($"[INST] {question.Trim()} [/INST]");
            system = null;
        }
    }
}
