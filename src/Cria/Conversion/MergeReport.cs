namespace Cria.Conversion;

/// <summary>What a merge made, and what it cost.</summary>
/// <param name="Written">The files.</param>
/// <param name="Onto">Which weights the adapters were folded into.</param>
/// <param name="Tokens">The tokens of the text that both perplexities are of; 0 where the model has no tokenizer.</param>
/// <param name="PerplexityBefore">Of the base as it was trained over, with the adapters attached; null without a tokenizer.</param>
/// <param name="PerplexityAfter">Of the files that were written.</param>
public sealed record MergeReport(ConversionReport Written, MergeTarget Onto, int Tokens, double? PerplexityBefore, double? PerplexityAfter);
