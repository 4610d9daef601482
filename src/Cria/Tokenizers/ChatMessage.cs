namespace Cria.Tokenizers;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">The text. It is data: nothing in it can become a special token.</param>
/// <param name="Input">Material that the message speaks of, or nothing. Only the Alpaca templates have a place of their own for it.</param>
public sealed record ChatMessage(ChatRole Role, string Content, string Input = "")
{
    /// <summary>The tools that an assistant calls in this message, in order.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Of a tool's message: the <see cref="ToolCall.Id"/> of the call it answers, where calls have one.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The name of the tool that answers, or of the one who speaks; null where nobody gave it.</summary>
    public string? Name { get; init; }

    /// <summary>The same with what experts say of an image (a captioner, a reader of text, a detector) as material: a line for each, behind what is there.</summary>
    /// <param name="answers">Each expert's name and what it says.</param>
    /// <remarks>How LLaMA-Adapter V2 takes experts in (Gao et al. 2023, <see href="https://arxiv.org/abs/2304.15010"/>, section 3.4): nothing but text in the prompt.</remarks>
    public ChatMessage WithExperts(IEnumerable<KeyValuePair<string, string>> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var lines = answers.Select(answer => $"{answer.Key}: {answer.Value}");
        return this with { Input = string.Join('\n', Input.Length > 0 ? lines.Prepend(Input) : lines) };
    }

    /// <summary>Content and input as one text, on lines of their own.</summary>
    public string Text => Input.Length == 0 ? Content : $"{Content}\n{Input}";
}
