namespace Cria.Tensors.Tests.Ops;

public class MultiplyTests
{
    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var y = device.Tensor([1, 2, 3]) * device.Tensor([4, -5, 0]);

        Near.Equal([4, -10, 0], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0] * t[1], new Shape(3, 7), new Shape(3, 7));
    }

    [Theory, OnEveryDevice]
    public void A_square_has_twice_the_gradient(TestDevice device)
    {
        Gradient.Check(device, t => t[0] * t[0], new Shape(5));
    }
}
