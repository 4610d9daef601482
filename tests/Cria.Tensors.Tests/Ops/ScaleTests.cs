namespace Cria.Tensors.Tests.Ops;

public class ScaleTests
{
    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var y = device.Tensor([1, 2, -3]) * 0.5f;

        Near.Equal([0.5f, 1, -1.5f], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0] * -3f, new Shape(2, 9));
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var x = device.Trained(seed: 1, 3, 20_011);
            var y = x * 0.7f * x + x;
            y.Backward(device.Random(seed: 2, 3, 20_011));
            return [y, x.Gradient!];
        });
    }
}
