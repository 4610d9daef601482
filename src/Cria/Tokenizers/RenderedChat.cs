namespace Cria.Tokenizers;

/// <summary>A conversation in tokens.</summary>
/// <param name="Tokens">The token ids.</param>
/// <param name="Answer">For each token, whether an assistant has to produce it: the text of an answer and the token that ends it.</param>
public sealed record RenderedChat(int[] Tokens, bool[] Answer)
{
    /// <summary>For each token the index of the message whose answer it is part of; −1 where it is none.</summary>
    public IReadOnlyList<int> AnswerOf { get; init; } = [];
}
