namespace Cria.Tokenizers;

/// <summary>The turns of Llama 3 with dates in the system message; tools are listed there too, and called in Python's way: <c>[f(a=1), g(b='x')]</c>.</summary>
/// <remarks>
/// Without tools to the byte as the templates that come with Llama 3.2 (today's date) and 3.3 (a date that stays) on Hugging Face; the variable <c>date_string</c> sets another. With
/// tools as in Meta's reference (<see href="https://github.com/meta-llama/llama-models"/>, <c>models/llama3_3/prompt_format.md</c>): the list in the system message, no dates, several
/// calls in one message, results as they are. Hugging Face's template describes tools in the first question instead, and has one call, with JSON: that is <c>llama3.1</c>.
/// </remarks>
/// <param name="name">What recipes call it.</param>
/// <param name="today">Whether the date is that of the conversation.</param>
internal sealed class Llama32Template(string name, bool today) : ChatTemplate
{
    private const string Role = """
        You are an expert in composing functions. You are given a question and a set of possible functions.
        Based on the question, you will need to make one or more function/tool calls to achieve the purpose.
        If none of the function can be used, point it out. If the given question lacks the parameters required by the function,
        also point it out. You should only return the function call in tools call sections.
        """;

    private const string Calling = """
        If you decide to invoke any of the function(s), you MUST put it in the format of [func_name1(params_name1=params_value1, params_name2=params_value2...), func_name2(params)]
        You SHOULD NOT include any other text in the response.

        Here is a list of functions in JSON format that you can invoke.
        """;

    public override string Name => name;

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        var turns = new TurnWriter(writer, TurnMarks.Llama3);
        var messages = conversation.Messages;
        turns.Begin();
        turns.Write(0, ChatRole.System, SystemText(conversation));
        for (int i = messages[0].Role == ChatRole.System ? 1 : 0; i < messages.Count; i++)
            turns.Write(i, messages[i].Role, messages[i].Text.Trim() + PythonicCalls.Write(messages[i].ToolCalls));
        turns.Open(conversation);
    }

    private string SystemText(ChatConversation conversation)
    {
        string? own = conversation.Messages[0] is { Role: ChatRole.System } system ? system.Text.Trim() : null;
        if (conversation.Tools.Count > 0)
            return $"{own ?? Role.ReplaceLineEndings("\n")}\n\n{Calling.ReplaceLineEndings("\n")}\n\n{PythonicCalls.Schemas(conversation.Tools)}";
        string date = TemplateVariables.Text(conversation, "date_string") ?? ToolText.Date(today ? conversation.Now : ChatConversation.UsualDate);
        return Llama31Template.Dates(date) + own;
    }
}
