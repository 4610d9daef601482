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

    /// <summary>Hands over what a tool returned. Llama 3 calls it <c>ipython</c>.</summary>
    Tool,
}
