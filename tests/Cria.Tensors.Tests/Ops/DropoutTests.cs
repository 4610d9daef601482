namespace Cria.Tensors.Tests.Ops;

public class DropoutTests
{
    [Theory, OnEveryDevice]
    public void What_stays_is_scaled_and_the_share_that_falls_is_the_probability(TestDevice device)
    {
        var x = device.Tensor(Enumerable.Repeat(3f, 100_000).ToArray());

        float[] y = x.Dropout(0.25f, seed: 7).ToArray();

        Assert.All(y, number => Assert.Contains(number, new[] { 0f, 4f }));
        // The standard deviation of the share is 0.0014.
        Assert.InRange(y.Count(number => number == 0) / 100_000.0, 0.244, 0.256);
    }

    [Theory, OnEveryDevice]
    public void Neighbours_fall_independently(TestDevice device)
    {
        float[] y = device.Tensor(Enumerable.Repeat(1f, 100_000).ToArray()).Dropout(0.5f, seed: 8).ToArray();

        int both = Enumerable.Range(1, y.Length - 1).Count(i => y[i] == 0 && y[i - 1] == 0);

        Assert.InRange(both / 100_000.0, 0.24, 0.26);
    }

    [Theory, OnEveryDevice]
    public void The_seed_and_nothing_else_decides(TestDevice device)
    {
        var x = device.Random(seed: 1, 1_001);

        Assert.Equal(x.Dropout(0.5f, seed: 3).ToArray(), x.Dropout(0.5f, seed: 3).ToArray());
        Assert.NotEqual(x.Dropout(0.5f, seed: 3).ToArray(), x.Dropout(0.5f, seed: 4).ToArray());
        Assert.Equal(x.Dropout(0.5f, seed: 3).ToArray()[..101], device.Tensor(x.ToArray().AsSpan(0, 101)).Dropout(0.5f, seed: 3).ToArray());
    }

    [Theory, OnEveryDevice]
    public void Backward_lets_the_same_numbers_fall(TestDevice device)
    {
        Gradient.Check(device, t => t[0].Dropout(0.4f, seed: 5), new Shape(7, 11));
    }

    [Theory, OnEveryDevice]
    public void Probability_zero_changes_nothing_and_one_is_refused(TestDevice device)
    {
        var x = device.Random(seed: 1, 3);

        Assert.Same(x, x.Dropout(0, seed: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Dropout(1, seed: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Dropout(float.NaN, seed: 1));
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device => [device.Random(seed: 1, 100_003).Dropout(0.1f, seed: 2)]);
    }
}
