using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>What a record says, before it is rendered.</summary>
internal abstract record RecordContent
{
    /// <summary>What is wrong although it can be rendered, or null.</summary>
    public virtual (DataFault Fault, string Reason)? Fault => null;

    /// <summary>How many letters it has: what there is to count without a tokenizer.</summary>
    public abstract int Letters { get; }
}

/// <summary>A conversation.</summary>
/// <param name="Messages">The messages in order.</param>
/// <param name="Learned">For each message whether it is learned, if it is an answer.</param>
internal sealed record ConversationContent(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<bool>? Learned = null) : RecordContent
{
    public override (DataFault, string)? Fault
    {
        get
        {
            for (int i = 0; i < Messages.Count; i++)
            {
                if (Messages[i].Role == ChatRole.Assistant && string.IsNullOrWhiteSpace(Messages[i].Text))
                    return (DataFault.EmptyAnswer, $"message {i + 1} is an empty answer: nothing but its end is learned.");
            }
            return null;
        }
    }

    public override int Letters => Messages.Sum(message => message.Text.Length);

    /// <summary>Whether an answer is learned.</summary>
    public bool IsLearned(int message) => Learned is null || Learned[message];
}

/// <summary>A text, all of which is learned.</summary>
internal sealed record TextContent(string Text) : RecordContent
{
    public override (DataFault, string)? Fault => Text.Length == 0 ? (DataFault.NothingSupervised, "the text is empty.") : null;

    public override int Letters => Text.Length;
}

/// <summary>Tokens with their labels.</summary>
internal sealed record TokensContent(int[] Tokens, int[] Labels) : RecordContent
{
    public override int Letters => Tokens.Length;
}
