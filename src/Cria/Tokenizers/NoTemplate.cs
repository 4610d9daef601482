namespace Cria.Tokenizers;

/// <summary>begin-of-text, prompt, answer, end-of-text, with nothing put between: the author of the data owns every space.</summary>
/// <remarks>Of several messages before an answer (a system message and a question, say) each stands on lines of its own.</remarks>
internal sealed class NoTemplate : ChatTemplate
{
    public override string Name => "none";

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        RefuseTools(conversation);
        var messages = conversation.Messages;
        writer.Begin();
        for (int i = 0; i < messages.Count; i++)
        {
            writer.Message = i;
            if (messages[i].Role == ChatRole.Assistant)
            {
                writer.Text(messages[i].Text, answer: true);
                writer.End();
                continue;
            }
            bool another = i + 1 < messages.Count && messages[i + 1].Role != ChatRole.Assistant;
            writer.Text(another ? messages[i].Text + "\n" : messages[i].Text);
        }
    }
}
