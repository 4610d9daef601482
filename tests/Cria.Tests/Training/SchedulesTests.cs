using Cria.Training;

namespace Cria.Tests.Training;

public class SchedulesTests
{
    // From the formulas, by hand: 2 of 6 steps are warm-up, so p is 0, 1/4, 1/2, 3/4 after it.
    [Theory]
    [InlineData("constant", new[] { 0, 0.5, 1, 1, 1, 1 })]
    [InlineData("linear", new[] { 0, 0.5, 1, 0.75, 0.5, 0.25 })]
    [InlineData("cosine", new[] { 0, 0.5, 1, 0.8535533905932737, 0.5, 0.14644660940672624 })]
    public void The_learning_rate_follows_the_formula(string schedule, double[] expected)
    {
        var factors = Enumerable.Range(0, 6).Select(done => Schedules.Factor(schedule, done, warmup: 2, steps: 6));

        Assert.All(factors.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-15));
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_full_rate()
    {
        Assert.All(Schedules.Names, schedule => Assert.Equal(1, Schedules.Factor(schedule, 0, warmup: 0, steps: 4)));
    }

    [Theory]
    [InlineData(null, null, 4, 0)]
    [InlineData(null, null, 30, 3)]
    [InlineData(null, null, 1000, 10)]
    [InlineData(7, null, 30, 7)]
    [InlineData(null, 0.25, 30, 8)]
    public void Warm_up_is_given_in_steps_as_a_share_or_not_at_all(int? steps, double? ratio, int all, int expected)
    {
        Assert.Equal(expected, new TrainingOptions { WarmupSteps = steps, WarmupRatio = ratio }.WarmupOf(all));
    }

    [Theory]
    [InlineData(1, null, 7, 7)]
    [InlineData(2.5, null, 3, 8)]
    [InlineData(0.01, null, 3, 1)]
    [InlineData(1, 5, 7, 5)]
    public void Epochs_are_counted_in_steps(double epochs, int? steps, int batchesPerEpoch, int expected)
    {
        Assert.Equal(expected, new TrainingOptions { Epochs = epochs, Steps = steps }.StepsOver(batchesPerEpoch));
    }
}
