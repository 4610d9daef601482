using Cria.Generation;
using Cria.Tensors;

namespace Cria.Tests.Generation;

/// <summary>Draws from the likely tokens alone against draws from all. On a card with <c>CRIA_TEST_DEVICE=cuda</c>.</summary>
public class LikelyTokensTests
{
    private const int Draws = 60;

    public static TheoryData<string, int, SamplingOptions> Settings => new()
    {
        { "greedy with a penalty", 0, new() { RepeatPenalty = 1.3f } },
        { "top-k", 0, new() { Temperature = 0.8f, TopK = 40 } },
        { "top-k of one", 0, new() { Temperature = 0.8f, TopK = 1 } },
        { "top-k, top-p and a penalty", 0, new() { Temperature = 1.3f, TopK = 64, TopP = 0.9f, RepeatPenalty = 1.1f } },
        { "top-k, min-p", 0, new() { Temperature = 1, TopK = 1_024, MinP = 0.02f } },
        { "top-p", 12, new() { Temperature = 0.9f, TopP = 0.9f } },
        { "top-p, min-p and a reward", 12, new() { Temperature = 0.9f, TopP = 0.95f, MinP = 0.05f, RepeatPenalty = 0.9f } },
        { "min-p", 12, new() { Temperature = 2, MinP = 0.1f } },
        { "temperature alone", 12, new() { Temperature = 0.7f } },
        { "a top-k of too many", Draws, new() { Temperature = 0.7f, TopK = 3_000 } },
        { "everything", 0, new() { Temperature = 0.7f, TopK = 50, TopP = 0.9f, MinP = 0.01f, RepeatPenalty = 1.2f } },
    };

    [Theory, MemberData(nameof(Settings))]
    public void The_same_tokens_are_drawn(string name, int mostLooksAtAll, SamplingOptions options)
    {
        const int Vocabulary = 5_000;
        using var device = TestBackend.Make();
        var (expected, found) = (new Sampler(options with { Seed = 7 }), new Sampler(options with { Seed = 7 }));
        int looks = 0;

        for (int i = 0; i < Draws; i++)
        {
            // A few likely ones, as a model's are, many equal, and not all finite.
            var random = new RandomSource((ulong)i);
            float[] logits = [.. Enumerable.Range(0, Vocabulary).Select(_ => MathF.Round((float)random.NextNormal() * 3, i % 3))];
            logits[i] = float.NegativeInfinity;
            using var scope = TensorScope.Begin();
            var (x, scores) = (device.From(logits, new Shape(1, Vocabulary)), device.Zeros(new Shape(1, Vocabulary)));

            int token = found.Wants(Vocabulary) is > 0 and int wanted
                ? found.Next(Likely(found, wanted), () => Look(scores.ToArray()))
                : found.Next(Look(logits));

            Assert.True(expected.Next(logits) == token, $"{name}, draw {i}");

            RowCandidates Likely(Sampler sampler, int wanted)
            {
                var (tokens, penalty, temperature) = sampler.Before(Vocabulary);
                return device.Candidates(x, scores, new CandidateOptions(wanted, [tokens], penalty, temperature))[0];
            }
        }
        Assert.InRange(looks, 0, mostLooksAtAll);

        float[] Look(float[] all)
        {
            looks++;
            return all;
        }
    }

    [Fact]
    public void Where_a_logit_is_no_number_all_are_looked_at()
    {
        using var device = TestBackend.Make();
        float[] logits = [1, float.NaN, 2];
        var options = new SamplingOptions { Temperature = 1, TopK = 2 };
        var (x, scores) = (device.From(logits, new Shape(1, 3)), device.Zeros(new Shape(1, 3)));
        var likely = device.Candidates(x, scores, new CandidateOptions(2, [[]], 1, 0))[0];

        Assert.Equal(new Sampler(options).Next(logits), new Sampler(options).Next(likely, scores.ToArray));
    }
}
