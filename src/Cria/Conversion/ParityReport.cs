namespace Cria.Conversion;

/// <summary>What a comparison of two models found.</summary>
/// <param name="SameTemplate">Whether the chat templates are the same text.</param>
/// <param name="Prompts">One line for each prompt.</param>
public sealed record ParityReport(bool SameTemplate, IReadOnlyList<ParityPrompt> Prompts)
{
    /// <summary>Whether ids, template and greedy tokens are all the same.</summary>
    public bool Agrees => SameTemplate && Prompts.All(prompt => prompt.SameIds && prompt.FirstDifference is null);
}

/// <summary>One prompt through both models.</summary>
/// <param name="Prompt">The text.</param>
/// <param name="Tokens">How many token ids it has.</param>
/// <param name="SameIds">Whether both tokenizers give the same ids.</param>
/// <param name="Generated">How many tokens were generated.</param>
/// <param name="FirstDifference">The place of the first generated token that differs, counted from 0, and both ids; null where all are the same.</param>
/// <param name="LargestLogitDifference">The largest difference between two logits, over the prompt and what the first model generated.</param>
public sealed record ParityPrompt(
    string Prompt, int Tokens, bool SameIds, int Generated, (int Place, int First, int Second)? FirstDifference, float LargestLogitDifference);
