namespace Cria.Tensors.Tests.Ops;

public class ConcatenateTests
{
    [Theory, OnEveryDevice]
    public void The_rows_of_the_second_follow_those_of_the_first(TestDevice device)
    {
        var y = Tensor.Concatenate(device.Tensor([1, 2], 1, 2), device.Tensor([3, 4, 5, 6], 2, 2));

        Assert.Equal(new Shape(3, 2), y.Shape);
        Near.Equal([1, 2, 3, 4, 5, 6], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => Tensor.Concatenate(t[0], t[1]), new Shape(2, 5), new Shape(3, 5));
        Gradient.Check(device, t => Tensor.Concatenate(t[0], t[0]), new Shape(2, 5));
    }

    [Theory, OnEveryDevice]
    public void Rows_of_another_length_are_refused(TestDevice device)
    {
        Assert.Throws<ShapeException>(() => Tensor.Concatenate(device.Random(1, 2, 8), device.Random(1, 2, 7)));
    }
}
