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
            var (tokens, answer) = template.Render(tokenizer!, conversation.Conversation);
            foreach (int place in conversation.Unlearned)
                Forget(conversation.Conversation, place, tokens, answer, origin);
            int[] labels = trainOnPrompt ? tokens : [.. tokens.Select((token, i) => answer[i] ? token : Data.Example.Unsupervised)];
            return new Example(tokens, labels, origin);
        }
        catch (ChatTemplateException wrong)
        {
            throw DataException.BadRecord(origin, DataFault.Conversation, wrong.Message);
        }
    }

    // An answer lies between the end of what stands before it and its own end, both of which the template tells.
    private void Forget(ChatConversation conversation, int place, int[] tokens, bool[] answer, RecordOrigin origin)
    {
        int start = place == 0 ? 0 : template.Render(tokenizer!, conversation.Take(place)).Tokens.Length;
        int[] upToIt = template.Render(tokenizer!, conversation.Take(place + 1)).Tokens;
        if (!tokens.AsSpan().StartsWith(upToIt))
            throw DataException.BadRecord(origin, DataFault.Conversation,
                $"message {place + 1} has weight 0, and the template {template.Name} writes it otherwise once more messages follow: what to leave out cannot be told.");
        answer.AsSpan(start..upToIt.Length).Clear();
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
