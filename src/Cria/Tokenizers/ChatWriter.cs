namespace Cria.Tokenizers;

/// <summary>Builds a conversation in tokens piece by piece.</summary>
internal sealed class ChatWriter(Tokenizer tokenizer, string template)
{
    private const int NoMessage = -1;

    private readonly List<int> tokens = [];
    private readonly List<int> answerOf = [];
    private bool afterText;

    public Tokenizer Tokenizer => tokenizer;

    /// <summary>The message that is written, by its index.</summary>
    public int Message { get; set; }

    /// <summary>The token that begins a text, where the vocabulary has one.</summary>
    public void Begin()
    {
        if (tokenizer.BeginOfText is { } begin)
            Special(begin, answer: false);
    }

    /// <summary>The token that ends an answer, where the vocabulary has one: the first of those at which generation stops.</summary>
    public void End()
    {
        if (tokenizer.EndOfText.Count > 0)
            Special(tokenizer.EndOfText[0], answer: true);
    }

    /// <summary>A special token of the template.</summary>
    public void Special(string name, bool answer = false)
    {
        if (!tokenizer.TryGetSpecial(name, out int id))
            throw ChatTemplateException.Special(template, name);
        Special(id, answer);
    }

    /// <summary>A special token by its id.</summary>
    public void Special(int id, bool answer)
    {
        tokens.Add(id);
        answerOf.Add(answer ? Message : NoMessage);
        afterText = false;
    }

    /// <summary>Text. It goes on from a text right before it, so that SentencePiece puts no space between; but no token spans the two.</summary>
    public void Text(ReadOnlySpan<char> text, bool answer = false)
    {
        if (text.IsEmpty)
            return;
        tokenizer.EncodeTo(text, tokens, continues: afterText);
        while (answerOf.Count < tokens.Count)
            answerOf.Add(answer ? Message : NoMessage);
        afterText = true;
    }

    public RenderedChat Rendered() => new([.. tokens], [.. answerOf.Select(message => message != NoMessage)]) { AnswerOf = answerOf };
}
