namespace Cria.Generation;

/// <summary>What stands behind a token: the logits of all V tokens, or only which of them is the largest, where no more is wanted.</summary>
internal readonly record struct Outlook(float[]? Logits, int Best);
