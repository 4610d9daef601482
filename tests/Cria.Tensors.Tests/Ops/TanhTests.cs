namespace Cria.Tensors.Tests.Ops;

public class TanhTests
{
    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        Near.Equal([0, MathF.Tanh(1), -MathF.Tanh(0.5f), 1, -1], device.Tensor([0, 1, -0.5f, 100, -100]).Tanh());
    }

    [Theory, OnEveryDevice]
    public void Zero_stays_exactly_zero(TestDevice device)
    {
        float[] zeros = [.. Enumerable.Repeat(0f, 35), .. Enumerable.Repeat(-0f, 36)];

        Assert.All(device.Tensor(zeros).Tanh().ToArray(), number => Assert.Equal(0, number));
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0].Tanh(), new Shape(3, 11));
    }
}
