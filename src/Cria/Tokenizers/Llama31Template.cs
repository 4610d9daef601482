namespace Cria.Tokenizers;

/// <summary>The turns of Llama 3 with a system message that tells dates and tools; a tool is called with JSON, and its result comes from <c>ipython</c>.</summary>
/// <remarks>
/// To the byte as the template that comes with Llama 3.1 and 3.3 on Hugging Face. Meta's reference code differs from it: it adds no system message and no dates by
/// itself, and hands over a tool's result as it is, not in quotes. Variables: <c>date_string</c>, <c>tools_in_user_message</c> (true unless set) and <c>builtin_tools</c>, which also
/// lets calls begin with <c>&lt;|python_tag|&gt;</c> and end with <c>&lt;|eom_id|&gt;</c>.
/// </remarks>
internal sealed class Llama31Template : ChatTemplate
{
    public override string Name => "llama3.1";

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        var turns = new TurnWriter(writer, TurnMarks.Llama3);
        var messages = conversation.Messages;
        var builtIn = TemplateVariables.Texts(conversation, "builtin_tools");
        bool inQuestion = conversation.Tools.Count > 0 && TemplateVariables.Flag(conversation, "tools_in_user_message", otherwise: true);
        int next = messages[0].Role == ChatRole.System ? 1 : 0;
        turns.Begin();
        turns.Write(0, ChatRole.System, SystemText(conversation, builtIn, inQuestion));
        if (inQuestion)
            turns.WriteQuestionWithTools(next++, conversation, Name);
        for (; next < messages.Count; next++)
            Write(turns, next, messages[next], builtIn);
        turns.Open(conversation);
    }

    /// <summary>The dates of the system message.</summary>
    public static string Dates(string today) => $"Cutting Knowledge Date: December 2023\nToday Date: {today}\n\n";

    private static string SystemText(ChatConversation conversation, IReadOnlyList<string>? builtIn, bool inQuestion)
    {
        string text = builtIn is not null || conversation.Tools.Count > 0 ? "Environment: ipython\n" : "";
        if (builtIn is not null)
            text += $"Tools: {string.Join(", ", builtIn.Where(tool => tool != "code_interpreter"))}\n\n";
        text += Dates(TemplateVariables.Text(conversation, "date_string") ?? ToolText.Date(ChatConversation.UsualDate));
        if (conversation.Tools.Count > 0 && !inQuestion)
            text += ToolText.ForSystem(conversation);
        return conversation.Messages[0] is { Role: ChatRole.System } system ? text + system.Text.Trim() : text;
    }

    private void Write(TurnWriter turns, int index, ChatMessage message, IReadOnlyList<string>? builtIn)
    {
        if (message.ToolCalls.Count == 0)
        {
            turns.Write(index, message.Role, message.Role == ChatRole.Tool ? ToolText.Quoted(message.Text) : message.Text.Trim());
            return;
        }
        if (message.ToolCalls.Count > 1)
            throw ChatTemplateException.OneCall(Name, index + 1, message.ToolCalls.Count);
        var call = message.ToolCalls[0];
        turns.Header(index, ChatRole.Assistant);
        if (builtIn?.Contains(call.Name) == true)
        {
            turns.Special("<|python_tag|>");
            turns.Text($"{call.Name}.call({string.Join(", ", call.Arguments.Select(argument => $"{argument.Key}=\"{argument.Value}\""))})", answer: true);
        }
        else
        {
            turns.Text(ToolText.Call(call), answer: true);
        }
        turns.End(answer: true, builtIn is not null ? "<|eom_id|>" : null);
    }
}
