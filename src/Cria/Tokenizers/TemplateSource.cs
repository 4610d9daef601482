namespace Cria.Tokenizers;

/// <summary>The chat template of a model as it was found.</summary>
/// <param name="Name">Where, for messages.</param>
/// <param name="Jinja">Its text.</param>
internal sealed record TemplateSource(string Name, string Jinja)
{
    /// <summary>The one for conversations with tools, where the model has two.</summary>
    public string? WithTools { get; init; }

    /// <summary>The names of special tokens by the variables that templates use for them, such as <c>eos_token</c>; what is missing is taken from the vocabulary.</summary>
    public IReadOnlyDictionary<string, string> Tokens { get; init; } = new Dictionary<string, string>();
}
