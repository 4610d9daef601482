namespace Cria.Tokenizers;

/// <summary>A header with the role before each message, <c>&lt;|eot|&gt;</c> after it; tools as with Llama 3.1, calls behind <c>&lt;|python_start|&gt;…&lt;|python_end|&gt;</c>.</summary>
/// <remarks>
/// To the byte as the template that comes with Llama 4 on Hugging Face: only the system message is trimmed. Meta's reference code
/// (<see href="https://github.com/meta-llama/llama-models"/>, <c>models/llama4/chat_format.py</c>) differs from it in the turns that call tools, which may end with <c>&lt;|eom|&gt;</c>, and
/// asks for calls in Python's way; what a model answers is understood in either form. Variable: <c>tools_in_user_message</c> (true unless set).
/// </remarks>
internal sealed class Llama4Template : ChatTemplate
{
    public override string Name => "llama4";

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        var turns = new TurnWriter(writer, TurnMarks.Llama4);
        var messages = conversation.Messages;
        bool tools = conversation.Tools.Count > 0;
        bool inQuestion = tools && TemplateVariables.Flag(conversation, "tools_in_user_message", otherwise: true);
        int next = 0;
        turns.Begin();
        if (messages[0].Role == ChatRole.System)
        {
            string environment = tools ? "Environment: ipython\n" : "";
            turns.Write(next, ChatRole.System, environment + (tools && !inQuestion ? ToolText.ForSystem(conversation) : "") + messages[next++].Text.Trim());
        }
        if (inQuestion)
            turns.WriteQuestionWithTools(next++, conversation, Name);
        for (; next < messages.Count; next++)
            Write(turns, next, messages[next]);
        turns.Open(conversation);
    }

    private static void Write(TurnWriter turns, int index, ChatMessage message)
    {
        if (message.ToolCalls.Count == 0)
        {
            turns.Write(index, message.Role, message.Role == ChatRole.Tool ? ToolText.Quoted(message.Text) : message.Text);
            return;
        }
        turns.Header(index, ChatRole.Assistant);
        turns.Special("<|python_start|>");
        turns.Text(message.Text, answer: true);
        turns.Special("<|python_end|>");
        turns.Text(string.Concat(message.ToolCalls.Select(ToolText.Call)), answer: true);
        turns.End(answer: true);
    }
}
