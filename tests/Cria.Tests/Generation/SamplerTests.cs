using Cria.Generation;

namespace Cria.Tests.Generation;

public class SamplerTests
{
    private static readonly float[] Logits = [1, 3, 2, 0];      // probabilities 0.087, 0.644, 0.237, 0.032

    [Fact]
    public void Without_temperature_the_most_likely_token_comes()
    {
        Assert.Equal(1, new Sampler(new SamplingOptions()).Next(Logits));
    }

    [Fact]
    public void Tokens_come_as_often_as_their_probability_says()
    {
        var counts = Count(new SamplingOptions { Temperature = 1 });

        Assert.Equal([0.087, 0.644, 0.237, 0.032], counts, (a, b) => Math.Abs(a - b) < 0.02);
    }

    [Fact]
    public void A_low_temperature_sharpens()
    {
        Assert.True(Count(new SamplingOptions { Temperature = 0.5f })[1] > 0.85);
    }

    [Fact]
    public void Top_k_keeps_so_many()
    {
        var counts = Count(new SamplingOptions { Temperature = 1, TopK = 2 });

        Assert.Equal([0, 0.731, 0.269, 0], counts, (a, b) => Math.Abs(a - b) < 0.02);
    }

    [Fact]
    public void Top_p_keeps_the_fewest_that_reach_it()
    {
        var counts = Count(new SamplingOptions { Temperature = 1, TopP = 0.8f });

        Assert.True(counts is [0, > 0.6, > 0.2, 0]);
    }

    [Fact]
    public void Min_p_keeps_what_is_likely_enough_beside_the_best()
    {
        var counts = Count(new SamplingOptions { Temperature = 1, MinP = 0.2f });

        Assert.True(counts is [0, > 0.6, > 0.2, 0]);
    }

    [Fact]
    public void The_repeat_penalty_looks_at_what_came_before()
    {
        var sampler = new Sampler(new SamplingOptions { RepeatPenalty = 2 });

        Assert.Equal([1, 2, 1, 1], Enumerable.Range(0, 4).Select(_ => sampler.Next(Logits)));
    }

    [Fact]
    public void The_same_seed_draws_the_same_tokens()
    {
        int[] Draw(ulong seed)
        {
            var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = seed });
            return [.. Enumerable.Range(0, 50).Select(_ => sampler.Next(Logits))];
        }

        Assert.Equal(Draw(7), Draw(7));
        Assert.NotEqual(Draw(7), Draw(8));
    }

    [Fact]
    public void Settings_out_of_range_are_reported_together()
    {
        var problems = new Problems();

        new SamplingOptions { MaxTokens = 0, Temperature = -1, TopK = -1, TopP = 0, MinP = 1, RepeatPenalty = 0 }.Validate(problems);

        Assert.Equal(
            """
            max-tokens: must be 1 or more, got 0.
            temp: must be 0 or more, got -1.
            top-k: must be 0 (off) or more, got -1.
            top-p: must lie above 0 and at most at 1, got 0.
            min-p: must lie from 0 to below 1, got 1.
            repeat-penalty: must be a positive number, got 0.
            """, Assert.Throws<OptionsException>(problems.ThrowIfAny).Message);
    }

    private static double[] Count(SamplingOptions options)
    {
        const int draws = 4_000;
        var sampler = new Sampler(options);
        var counts = new double[Logits.Length];
        for (int i = 0; i < draws; i++)
            counts[sampler.Next(Logits)] += 1.0 / draws;
        return counts;
    }
}
