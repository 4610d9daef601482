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
        var messages = conversation.Messages;
        writer.Special("<|begin_of_text|>");
        foreach (var message in messages)
        {
            bool answer = message.Role == ChatRole.Assistant;
            Header(writer, message.Role);
            writer.Text(message.Text.Trim(), answer);
            writer.Special("<|eot_id|>", answer);
        }
        if (messages[^1].Role != ChatRole.Assistant)
            Header(writer, ChatRole.Assistant);
    }

    private static void Header(ChatWriter writer, ChatRole role)
    {
        writer.Special("<|start_header_id|>");
        writer.Text(role switch
        {
            ChatRole.System => "system",
            ChatRole.User => "user",
            ChatRole.Assistant => "assistant",
            _ => "ipython",
        });
        writer.Special("<|end_header_id|>");
        writer.Text("\n\n");
    }
}
