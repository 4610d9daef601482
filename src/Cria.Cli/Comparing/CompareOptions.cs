namespace Cria.Cli.Comparing;

/// <summary>The keys under <c>compare:</c> that stand beside the methods' own.</summary>
internal sealed record CompareOptions
{
    /// <summary>Which presets run, in this order.</summary>
    public IReadOnlyList<string> Methods { get; set; } = ["norms", "bias", "llama-adapter", "llama-adapter-v2", "excitor", "lora", "qlora", "dora", "full"];

    /// <summary>Records with a prompt and the one right answer, asked before and after; null: the perplexity of the validation data is the score.</summary>
    public string? Test { get; set; }

    /// <summary>Where an answer that does not end is cut off.</summary>
    public int MaxAnswerTokens { get; set; } = 64;
}
