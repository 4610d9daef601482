namespace Cria.Tokenizers;

/// <summary>The special tokens around a message, in a generation of LLaMA.</summary>
internal sealed record TurnMarks(string StartHeader, string EndHeader, string EndOfTurn)
{
    public static readonly TurnMarks Llama3 = new("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");

    public static readonly TurnMarks Llama4 = new("<|header_start|>", "<|header_end|>", "<|eot|>");
}

/// <summary>Writes messages that have a header with the role before them, and a token behind.</summary>
internal sealed class TurnWriter(ChatWriter writer, TurnMarks marks)
{
    private string? open;

    public void Begin() => writer.Special("<|begin_of_text|>");

    /// <summary>A whole message.</summary>
    public void Write(int message, ChatRole role, string text)
    {
        Header(message, role);
        Text(text, answer: role == ChatRole.Assistant);
        End(answer: role == ChatRole.Assistant);
    }

    /// <summary>The first message behind that of the system, whoever speaks, as a question with the tools before it.</summary>
    public void WriteQuestionWithTools(int message, ChatConversation conversation, string template)
    {
        if (message == conversation.Messages.Count)
            throw ChatTemplateException.NoQuestion(template);
        Write(message, ChatRole.User, ToolText.ForQuestion(conversation) + conversation.Messages[message].Text.Trim());
    }

    public void Header(int message, ChatRole role)
    {
        writer.Message = message;
        writer.Special(marks.StartHeader);
        writer.Text(role switch
        {
            ChatRole.System => "system",
            ChatRole.User => "user",
            ChatRole.Assistant => "assistant",
            _ => "ipython",
        });
        writer.Special(marks.EndHeader);
        open = "\n\n";
    }

    /// <summary>The text behind a header. A question and the line ends before it are one text to the tokenizer; an answer stands by itself, as it does when it is generated.</summary>
    public void Text(string text, bool answer)
    {
        writer.Text(answer ? open : open + text);
        if (answer)
            writer.Text(text, answer: true);
        open = null;
    }

    /// <summary>A special token within an answer.</summary>
    public void Special(string name)
    {
        writer.Text(open);
        open = null;
        writer.Special(name, answer: true);
    }

    public void End(bool answer, string? token = null) => writer.Special(token ?? marks.EndOfTurn, answer);

    /// <summary>The header of an answer, unless the conversation ends with one.</summary>
    public void Open(ChatConversation conversation)
    {
        if (conversation.Messages[^1].Role == ChatRole.Assistant)
            return;
        Header(conversation.Messages.Count, ChatRole.Assistant);
        writer.Text(open);
    }
}
