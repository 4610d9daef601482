namespace Cria.Cli.Comparing;

/// <summary>The keys under <c>compare:</c> that stand beside the methods' own.</summary>
internal sealed record CompareOptions
{
    /// <summary>Which presets run, in this order.</summary>
    public IReadOnlyList<string> Methods { get; set; } = ["norms", "bias", "llama-adapter", "llama-adapter-v2", "excitor", "lora", "qlora", "dora", "full"];

    /// <summary>Records with a prompt and the one right answer, asked before and after; null: the perplexity of the validation data is the score.</summary>
    public string? Test { get; set; }

    /// <summary>What counts of an answer: all of it, to the letter (<c>exact_match</c>); the <c>fields</c> of a JSON object, each for itself; or its <c>tokens</c>, each behind the right ones before it.</summary>
    public string Score { get; set; } = ExactMatch;

    internal const string ExactMatch = "exact_match", Fields = "fields", Tokens = "tokens";

    /// <summary>Where an answer that does not end is cut off.</summary>
    public int MaxAnswerTokens { get; set; } = 64;
}
