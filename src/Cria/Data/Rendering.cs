using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>Turns what a record says into an example: the same rendering that generation uses.</summary>
internal sealed class Rendering(Tokenizer? tokenizer, ChatTemplate template, bool trainOnPrompt)
{
    /// <exception cref="DataException">The template cannot render it.</exception>
    public Example Example(RecordContent content, RecordOrigin origin) => content switch
    {
        ConversationContent conversation => Conversation(conversation, origin),
        TextContent text => Text(text.Text, origin),
        TokensContent tokens => new Example(tokens.Tokens, tokens.Labels, origin),
        _ => throw new ArgumentException($"{content.GetType().Name} has no rendering.", nameof(content)),
    };

    // Supervised are the answers that are to be learned, or all of it.
    private Example Conversation(ConversationContent conversation, RecordOrigin origin)
    {
        try
        {
            var chat = template.Render(tokenizer!, conversation.Conversation);
            var unlearned = conversation.Unlearned.ToHashSet();
            bool Learned(int i) => trainOnPrompt ? !unlearned.Contains(chat.AnswerOf[i]) : chat.Answer[i] && !unlearned.Contains(chat.AnswerOf[i]);
            int[] labels = [.. chat.Tokens.Select((token, i) => Learned(i) ? token : Data.Example.Unsupervised)];
            return new Example(chat.Tokens, labels, origin);
        }
        catch (ChatTemplateException wrong)
        {
            throw DataException.BadRecord(origin, DataFault.Conversation, wrong.Message);
        }
    }

    // From the begin token to the end token, all of it supervised.
    private Example Text(string text, RecordOrigin origin)
    {
        var tokens = new List<int>(tokenizer!.Encode(text, addBegin: true));
        if (tokenizer.EndOfText.Count > 0)
            tokens.Add(tokenizer.EndOfText[0]);
        int[] all = [.. tokens];
        return new Example(all, all, origin);
    }
}
