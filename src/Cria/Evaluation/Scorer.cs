using System.Numerics.Tensors;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Evaluation;

/// <summary>Log-probabilities of token sequences under a model.</summary>
public sealed class Scorer(LlamaModel model)
{
    // Logits are made for so many rows at once: V = 128,256 then takes 65 MB.
    private const int RowsAtOnce = 128;

    /// <summary>Scores one sequence.</summary>
    /// <param name="tokens">The ids, taken as they are. More than <paramref name="window"/> are scored window by window, each from nothing.</param>
    /// <param name="window">The most tokens that see each other; the model's context by default.</param>
    public ScoredSequence Score(IReadOnlyList<int> tokens, int? window = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        int most = window ?? model.Config.ContextLength;
        var scores = new List<TokenScore>(tokens.Count);
        for (int start = 0; start < tokens.Count; start += most)
            ScoreWindow([.. tokens.Skip(start).Take(most)], scores);
        return new ScoredSequence(scores);
    }

    private void ScoreWindow(int[] tokens, List<TokenScore> scores)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        var hidden = model.Forward(tokens, ForwardContext.Sequences(tokens.Length));
        scores.Add(new TokenScore(tokens[0], null, null));
        for (int start = 0; start < tokens.Length - 1; start += RowsAtOnce)
        {
            using var piece = TensorScope.Begin();
            int count = Math.Min(RowsAtOnce, tokens.Length - 1 - start);
            float[] logits = model.Logits(hidden, start, count).ToArray();
            int vocabulary = model.Config.VocabularySize;
            for (int i = 0; i < count; i++)
                scores.Add(ScoreToken(tokens[start + i + 1], logits.AsSpan(i * vocabulary, vocabulary)));
        }
    }

    private static TokenScore ScoreToken(int token, Span<float> logits)
    {
        int best = TensorPrimitives.IndexOfMax<float>(logits);
        float highest = logits[best], own = logits[token];
        double sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit - highest);
        double logSum = Math.Log(sum);
        return new TokenScore(token, (float)(own - highest - logSum), (best, (float)-logSum));
    }
}

/// <summary>One token of a scored sequence.</summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">ln p given what stands before; null where nothing does.</param>
/// <param name="Top">The most likely token in its place, and ln p of that.</param>
public readonly record struct TokenScore(int Token, float? LogProbability, (int Token, float LogProbability)? Top);

/// <summary>A sequence with the log-probability of each token.</summary>
public sealed record ScoredSequence(IReadOnlyList<TokenScore> Tokens)
{
    /// <summary>Σ ln p over the tokens that have one.</summary>
    public double LogLikelihood => Tokens.Sum(token => (double)(token.LogProbability ?? 0));

    /// <summary>How many tokens have one.</summary>
    public int ScoredCount => Tokens.Count(token => token.LogProbability is not null);

    /// <summary>exp(−mean ln p) over the tokens of several sequences.</summary>
    public static double Perplexity(IReadOnlyCollection<ScoredSequence> sequences) =>
        Math.Exp(-sequences.Sum(sequence => sequence.LogLikelihood) / Math.Max(1, sequences.Sum(sequence => sequence.ScoredCount)));
}
