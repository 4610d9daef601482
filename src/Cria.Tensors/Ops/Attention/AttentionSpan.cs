namespace Cria.Tensors;

/// <summary>
/// Who sees whom in one attention: query rows <paramref name="Query"/> … see key rows <paramref name="Key"/> ….
/// </summary>
/// <remarks>
/// A plain sequence is one causal span over itself. A packed batch is a span for each example, so nothing looks across examples; a
/// batch over a cache is a span for each sequence, its keys starting where its part of the cache starts; a prompt that everybody sees is
/// a span that is not causal.
/// </remarks>
/// <param name="Query">The first query row.</param>
/// <param name="Queries">How many query rows.</param>
/// <param name="Key">The first key row.</param>
/// <param name="Keys">How many key rows: at least <paramref name="Queries"/> where causal.</param>
/// <param name="Causal">Whether query i sees only the first <c>Keys − Queries + i + 1</c> keys; otherwise it sees all.</param>
public readonly record struct AttentionSpan(int Query, int Queries, int Key, int Keys, bool Causal = true);
