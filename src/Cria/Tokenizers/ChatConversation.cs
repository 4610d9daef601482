using System.Text.Json.Nodes;

namespace Cria.Tokenizers;

/// <summary>A conversation with what surrounds it: all that a template may look at.</summary>
/// <param name="Messages">The messages, in order.</param>
public sealed record ChatConversation(IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>The date of Meta's own templates where nobody tells them another: 26 July 2024.</summary>
    public static readonly DateTimeOffset UsualDate = new(2024, 7, 26, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// The tools that the model may call, each as a JSON schema: <c>{"type": "function", "function": {"name": …, "description": …, "parameters": …}}</c>.
    /// </summary>
    public IReadOnlyList<JsonNode> Tools { get; init; } = [];

    /// <summary>
    /// What a template calls now. It is fixed unless a caller sets it, so that a text that is rendered twice, months apart, gives the same tokens.
    /// </summary>
    public DateTimeOffset Now { get; init; } = UsualDate;

    /// <summary>Further variables by the names that a model's own template uses, such as <c>date_string</c> or <c>tools_in_user_message</c>; null for none.</summary>
    public JsonObject? Variables { get; init; }

    /// <summary>The same surroundings for the first messages only.</summary>
    internal ChatConversation Take(int count) => this with { Messages = [.. Messages.Take(count)] };
}
