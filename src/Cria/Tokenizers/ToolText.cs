using System.Globalization;
using Cria.Templates;

namespace Cria.Tokenizers;

/// <summary>How the templates of Llama 3.1 and 4 on Hugging Face describe tools, and how a call of one reads: with JSON.</summary>
internal static class ToolText
{
    private const string Format = "Respond in the format {\"name\": function name, \"parameters\": dictionary of argument name and its value}.Do not use variables.\n\n";

    private static readonly JsonText Indented = JsonText.Plain with { Indent = "    ", Item = "," };

    /// <summary>What stands in the system message.</summary>
    public static string ForSystem(ChatConversation conversation) =>
        $"You have access to the following functions. To call a function, please respond with JSON for a function call.{Format}{Schemas(conversation)}";

    /// <summary>What stands before the first question.</summary>
    public static string ForQuestion(ChatConversation conversation) =>
        "Given the following functions, please respond with a JSON for a function call with its proper arguments that best answers the given prompt.\n\n"
        + Format + Schemas(conversation);

    /// <summary>A call as a model writes it.</summary>
    public static string Call(ToolCall call) => $$"""{"name": "{{call.Name}}", "parameters": {{Json(JsonValues.Read(call.Arguments, default), JsonText.Plain)}}}""";

    /// <summary>A text in quotes, as a result of a tool is handed over.</summary>
    public static string Quoted(string text) => Json(new Text(text), JsonText.Plain);

    /// <summary>The date in the form of <c>26 Jul 2024</c>.</summary>
    public static string Date(DateTimeOffset date) => date.ToString("dd MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>JSON over several lines, each level four spaces in.</summary>
    public static string OverLines(Value value) => Json(value, Indented);

    private static string Schemas(ChatConversation conversation) =>
        string.Concat(conversation.Tools.Select(tool => OverLines(JsonValues.Read(tool, default)) + "\n\n"));

    private static string Json(Value value, JsonText form) => form.Write(value, new Budget()).Characters;
}
