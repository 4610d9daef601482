namespace Cria.Tokenizers;

/// <summary>Builds a conversation in tokens piece by piece.</summary>
internal sealed class ChatWriter(Tokenizer tokenizer, string template)
{
    private readonly List<int> tokens = [];
    private readonly List<bool> answers = [];
    private bool afterText;

    /// <summary>The token that begins a text, where the vocabulary has one.</summary>
    public void Begin()
    {
        if (tokenizer.BeginOfText is { } begin)
            Add(begin, answer: false);
    }

    /// <summary>The token that ends an answer, where the vocabulary has one: the first of those at which generation stops.</summary>
    public void End()
    {
        if (tokenizer.EndOfText.Count > 0)
            Add(tokenizer.EndOfText[0], answer: true);
    }

    /// <summary>A special token of the template.</summary>
    public void Special(string name, bool answer = false)
    {
        if (!tokenizer.TryGetSpecial(name, out int id))
            throw ChatTemplateException.Special(template, name);
        Add(id, answer);
    }

    /// <summary>Text. It goes on from a text right before it, so that SentencePiece puts no space between; but no token spans the two.</summary>
    public void Text(string text, bool answer = false)
    {
        if (text.Length == 0)
            return;
        tokenizer.EncodeTo(text, tokens, continues: afterText);
        while (answers.Count < tokens.Count)
            answers.Add(answer);
        afterText = true;
    }

    public RenderedChat Rendered() => new([.. tokens], [.. answers]);

    private void Add(int id, bool answer)
    {
        tokens.Add(id);
        answers.Add(answer);
        afterText = false;
    }
}
