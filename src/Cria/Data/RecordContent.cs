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
/// <param name="Conversation">The messages in order, and the tools.</param>
/// <param name="Learned">For each message whether it is learned, if it is an answer; null where all are.</param>
internal sealed record ConversationContent(ChatConversation Conversation, IReadOnlyList<bool>? Learned = null) : RecordContent
{
    public ConversationContent(IReadOnlyList<ChatMessage> messages)
        : this(new ChatConversation(messages))
    {
    }

    /// <summary>The answers that are not to be learned, by their place among the messages.</summary>
    public IEnumerable<int> Unlearned => Answers.Where(place => Learned?[place] == false);

    public override (DataFault, string)? Fault => Answers.Where(IsEmpty).Select(place => (int?)place).FirstOrDefault() is { } empty
        ? (DataFault.EmptyAnswer, $"message {empty + 1} is an empty answer: nothing but its end is learned.")
        : null;

    public override IEnumerable<string> Texts => Conversation.Messages
        .SelectMany(message => message.ToolCalls.Select(call => call.Name + call.Arguments.ToJsonString()).Prepend(message.Text))
        .Concat(Conversation.Tools.Select(tool => tool.ToJsonString()));

    public override bool Teaches => Answers.Except(Unlearned).Any();

    private IEnumerable<int> Answers => Enumerable.Range(0, Conversation.Messages.Count).Where(place => Conversation.Messages[place].Role == ChatRole.Assistant);

    private bool IsEmpty(int place) => Conversation.Messages[place] is { ToolCalls.Count: 0 } message && string.IsNullOrWhiteSpace(message.Text);
}

/// <summary>A text, all of which is learned.</summary>
internal sealed record TextContent(string Text) : RecordContent
{
    public override (DataFault, string)? Fault => Text.Length == 0 ? (DataFault.NothingSupervised, "the text is empty.") : null;

    public override IEnumerable<string> Texts => [Text];
}

/// <summary>Tokens with their labels.</summary>
internal sealed record TokensContent(int[] Tokens, int[] Labels) : RecordContent;
