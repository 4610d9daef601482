using Cria.Tensors;

namespace Cria.Generation;

/// <summary>What stands behind a token: the logits of all V tokens, the likely ones alone, or only which of them is the largest, as its sampler wants it.</summary>
/// <param name="Logits">Of all; null where less was wanted. With <paramref name="Likely"/>: where all scores are, until the next step.</param>
/// <param name="Likely">The most likely ones.</param>
/// <param name="Best">The largest.</param>
internal readonly record struct Outlook(Func<float[]>? Logits, RowCandidates? Likely, int Best);
