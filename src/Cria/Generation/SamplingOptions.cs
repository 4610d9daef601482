namespace Cria.Generation;

/// <summary>How the next token is chosen, and when to stop.</summary>
public sealed record SamplingOptions
{
    /// <summary>The most new tokens.</summary>
    public int MaxTokens { get; set; } = 256;

    /// <summary>Logits are divided by it; 0 always takes the most likely token.</summary>
    public float Temperature { get; set; }

    /// <summary>Only the k most likely tokens; 0 takes all.</summary>
    public int TopK { get; set; }

    /// <summary>Only the most likely tokens whose probabilities together reach p; 1 takes all.</summary>
    public float TopP { get; set; } = 1;

    /// <summary>Only tokens at least p times as likely as the most likely one; 0 takes all.</summary>
    public float MinP { get; set; }

    /// <summary>Logits of tokens among the last <see cref="RepeatWindow"/> are divided by it where positive, multiplied where negative; 1 does nothing.</summary>
    /// <remarks>Keskar et al. 2019, section 4.1, <see href="https://arxiv.org/abs/1909.05858"/>.</remarks>
    public float RepeatPenalty { get; set; } = 1;

    /// <summary>How many of the last tokens the repeat penalty looks at.</summary>
    public int RepeatWindow { get; set; } = 64;

    /// <summary>Where sampling takes its randomness from: the same seed gives the same text.</summary>
    public ulong Seed { get; set; } = 1;

    /// <summary>Generation ends before any of these strings.</summary>
    public IReadOnlyList<string> Stop { get; set; } = [];

    /// <summary>Adds every reason why these settings cannot work, each starting with the option as a user types it.</summary>
    public void Validate(Problems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        problems.Unless(MaxTokens >= 1, $"max-tokens: must be 1 or more, got {MaxTokens}.");
        problems.Unless(float.IsFinite(Temperature) && Temperature >= 0, $"temp: must be 0 or more, got {Temperature}.");
        problems.Unless(TopK >= 0, $"top-k: must be 0 (off) or more, got {TopK}.");
        problems.Unless(TopP is > 0 and <= 1, $"top-p: must lie above 0 and at most at 1, got {TopP}.");
        problems.Unless(MinP is >= 0 and < 1, $"min-p: must lie from 0 to below 1, got {MinP}.");
        problems.Unless(float.IsFinite(RepeatPenalty) && RepeatPenalty > 0, $"repeat-penalty: must be a positive number, got {RepeatPenalty}.");
    }
}
