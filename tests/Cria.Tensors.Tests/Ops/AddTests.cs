namespace Cria.Tensors.Tests.Ops;

public class AddTests
{
    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var a = device.Tensor([1, 2, 3, 4], 2, 2);
        var b = device.Tensor([10, 20, 30, -4], 2, 2);

        var y = a + b;

        Near.Equal([11, 22, 33, 0], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0] + t[1], new Shape(3, 5), new Shape(3, 5));
    }

    [Theory, OnEveryDevice]
    public void A_tensor_added_to_itself_gets_both_gradients(TestDevice device)
    {
        Gradient.Check(device, t => t[0] + t[0], new Shape(2, 3));
    }

    [Theory, OnEveryDevice]
    public void Shapes_that_differ_are_named(TestDevice device)
    {
        var error = Assert.Throws<ShapeException>(() => device.Tensor([1, 2]) + device.Tensor([1, 2, 3]));

        Assert.Equal("[Add] the shapes differ: expected [2], found [3].", error.Message);
    }
}
