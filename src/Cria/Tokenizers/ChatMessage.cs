namespace Cria.Tokenizers;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">The text. It is data: nothing in it can become a special token.</param>
/// <param name="Input">Material that the message speaks of, or nothing. Only the Alpaca templates have a place of their own for it.</param>
public sealed record ChatMessage(ChatRole Role, string Content, string Input = "")
{
    /// <summary>The tools that an assistant calls in this message, in order.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Of a tool's message: the <see cref="ToolCall.Id"/> of the call it answers, where calls have one.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The name of the tool that answers, or of the one who speaks; null where nobody gave it.</summary>
    public string? Name { get; init; }

    /// <summary>Content and input as one text, on lines of their own.</summary>
    public string Text => Input.Length == 0 ? Content : $"{Content}\n{Input}";
}
