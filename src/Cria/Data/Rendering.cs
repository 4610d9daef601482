using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>Turns the parts of a record into an example: the same rendering that generation uses.</summary>
internal sealed class Rendering(Tokenizer? tokenizer, ChatTemplate template, bool trainOnPrompt, int vocabularySize)
{
    public int VocabularySize => vocabularySize;

    public bool CanReadText => tokenizer is not null;

    /// <summary>A conversation; supervised are the answers, or all of it.</summary>
    public Example Chat(IReadOnlyList<ChatMessage> messages, RecordOrigin origin)
    {
        try
        {
            var (tokens, answer) = template.Render(tokenizer!, messages);
            int[] labels = trainOnPrompt ? tokens : [.. tokens.Select((token, i) => answer[i] ? token : Example.Unsupervised)];
            return new Example(tokens, labels, origin);
        }
        catch (ChatTemplateException wrong)
        {
            throw DataException.BadRecord(origin, wrong.Message);
        }
    }

    /// <summary>A plain text from its begin token to its end token, all of it supervised.</summary>
    public Example Text(string text, RecordOrigin origin)
    {
        var tokens = new List<int>(tokenizer!.Encode(text, addBegin: true));
        if (tokenizer.EndOfText.Count > 0)
            tokens.Add(tokenizer.EndOfText[0]);
        int[] all = [.. tokens];
        return new Example(all, all, origin);
    }
}
