namespace Cria.Tokenizers;

/// <summary>Who speaks in a conversation.</summary>
public enum ChatRole
{
    /// <summary>Sets the scene; comes first.</summary>
    System,

    /// <summary>Asks.</summary>
    User,

    /// <summary>Answers: what a model is trained on.</summary>
    Assistant,

    /// <summary>Hands over what a tool returned.</summary>
    Tool,
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">The text. It is data: nothing in it can become a special token.</param>
/// <param name="Input">Material that the message speaks of, or nothing. Only the Alpaca template has a place of its own for it.</param>
public readonly record struct ChatMessage(ChatRole Role, string Content, string Input = "")
{
    /// <summary>Content and input as one text, on lines of their own.</summary>
    public string Text => Input.Length == 0 ? Content : $"{Content}\n{Input}";
}
