using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>What a record says, before it is rendered.</summary>
internal abstract record RecordContent
{
    /// <summary>What is wrong although it can be rendered, or null.</summary>
    public virtual (DataFault Fault, string Reason)? Fault => null;

    /// <summary>Its texts: what there is to count and to compare without a tokenizer.</summary>
    public virtual IEnumerable<string> Texts => [];

    /// <summary>Whether anything of it is learned.</summary>
    public virtual bool Teaches => true;
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

    public override IEnumerable<string> Texts => Messages.Select(message => message.Text);

    public override bool Teaches => Messages.Where((message, i) => message.Role == ChatRole.Assistant && IsLearned(i)).Any();

    /// <summary>Whether an answer is learned.</summary>
    public bool IsLearned(int message) => Learned is null || Learned[message];
}

/// <summary>A text, all of which is learned.</summary>
internal sealed record TextContent(string Text) : RecordContent
{
    public override (DataFault, string)? Fault => Text.Length == 0 ? (DataFault.NothingSupervised, "the text is empty.") : null;

    public override IEnumerable<string> Texts => [Text];
}

/// <summary>Tokens with their labels.</summary>
internal sealed record TokensContent(int[] Tokens, int[] Labels) : RecordContent;
