namespace Cria.Tokenizers;

/// <summary>A header with the role before each message, <c>&lt;|eot_id|&gt;</c> after it.</summary>
/// <remarks>
/// As in Meta's reference code (<see href="https://github.com/meta-llama/llama-models"/>, <c>models/llama3/chat_format.py</c>): messages are trimmed, and
/// no system message is added where there is none.
/// </remarks>
internal sealed class Llama3Template : ChatTemplate
{
    public override string Name => "llama3";

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        RefuseTools(conversation);
        var turns = new TurnWriter(writer, TurnMarks.Llama3);
        turns.Begin();
        foreach (var (index, message) in conversation.Messages.Index())
            turns.Write(index, message.Role, message.Text.Trim());
        turns.Open(conversation);
    }
}
