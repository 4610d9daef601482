namespace Cria.Tensors.Tests.Ops;

public class SoftmaxTests
{
    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var x = device.Tensor([0, MathF.Log(3), 5, 5], 2, 2);

        var y = x.Softmax();

        Near.Equal([0.25f, 0.75f, 0.5f, 0.5f], y);
    }

    [Theory, OnEveryDevice]
    public void Large_numbers_do_not_overflow(TestDevice device)
    {
        var y = device.Tensor([10_000, 10_000, -10_000]).Softmax();

        Near.Equal([0.5f, 0.5f, 0], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0].Softmax(), new Shape(3, 7));
        Gradient.Check(device, t => t[0].Softmax(), new Shape(1, 530));
    }
}
