namespace Cria.Tensors.Tests.Ops;

public class RmsNormTests
{
    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var x = device.Tensor([3, 4, 0, 0], 2, 2);
        var w = device.Tensor([1, 10]);

        var y = x.RmsNorm(w, epsilon: 0.5f);

        // Row 1: mean(x²) = 12.5, so r = 1/√13.  Row 2: all zeros stay zeros.
        Near.Equal([3 / MathF.Sqrt(13), 40 / MathF.Sqrt(13), 0, 0], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0].RmsNorm(t[1], 1e-5f), new Shape(2, 3, 7), new Shape(7));
        Gradient.Check(device, t => t[0].RmsNorm(t[1], 1e-5f), new Shape(2, 523), new Shape(523));
    }

    [Theory, OnEveryDevice]
    public void A_weight_of_another_length_is_named(TestDevice device)
    {
        var error = Assert.Throws<ShapeException>(() => device.Random(1, 2, 8).RmsNorm(device.Random(1, 7), 1e-5f));

        Assert.Equal("[RmsNorm] the columns of x for its weight: expected 7, found 8.", error.Message);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var (x, w) = (device.Trained(seed: 1, 101, 333), device.Trained(seed: 2, 333));
            var y = x.RmsNorm(w, 1e-6f);
            y.Backward(device.Random(seed: 3, 101, 333));
            return [y, x.Gradient!, w.Gradient!];
        });
    }
}
