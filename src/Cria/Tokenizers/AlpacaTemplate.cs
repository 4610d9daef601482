namespace Cria.Tokenizers;

/// <summary>A preamble, then blocks headed <c>### Instruction:</c>, <c>### Input:</c> (if any) and <c>### Response:</c>; the answer follows the colon.</summary>
/// <remarks>
/// Taori et al. 2023, <see href="https://github.com/tatsu-lab/stanford_alpaca"/>. As LLaMA-Adapter uses it, nothing follows the last colon of the prompt
/// (<see href="https://github.com/OpenGVLab/LLaMA-Adapter"/>, <c>alpaca_finetuning_v1/finetuning.py</c>); as QLoRA does, a space
/// (<see href="https://github.com/artidoro/qlora"/>, <c>qlora.py</c>). Our addition: a system message takes the place of the preamble, and a conversation goes on
/// with further blocks.
/// </remarks>
/// <param name="name">What recipes call it.</param>
/// <param name="end">What follows the last colon.</param>
internal sealed class AlpacaTemplate(string name, string end) : ChatTemplate
{
    private const string Request = "Write a response that appropriately completes the request.";
    private const string Plain = $"Below is an instruction that describes a task. {Request}";
    private const string WithInput = $"Below is an instruction that describes a task, paired with an input that provides further context. {Request}";

    public override string Name => name;

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        RefuseTools(conversation);
        bool first = true;
        writer.Begin();
        foreach (var (index, message) in Turns(conversation.Messages, out string? system))
        {
            writer.Message = index;
            if (message.Role == ChatRole.Assistant)
            {
                writer.Text(message.Text, answer: true);
                writer.End();
                continue;
            }
            if (first)
                writer.Text(system ?? (message.Input.Length == 0 ? Plain : WithInput));
            writer.Text(Blocks(message) + end);
            first = false;
        }
    }

    private static string Blocks(ChatMessage question) => question.Input.Length == 0
        ? $"\n\n### Instruction:\n{question.Content}\n\n### Response:"
        : $"\n\n### Instruction:\n{question.Content}\n\n### Input:\n{question.Input}\n\n### Response:";
}
