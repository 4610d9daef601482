namespace Cria.Tensors.Tests.Ops;

public class ScaleColumnsTests
{
    [Theory, OnEveryDevice]
    public void A_factor_stands_for_one_column_or_for_several(TestDevice device)
    {
        var x = device.Tensor([1, 2, 3, 4, 5, 6, 7, 8], 2, 4);

        Near.Equal([1, 0, -3, 8, 5, 0, -7, 16], x.ScaleColumns(device.Tensor([1, 0, -1, 2])));
        Near.Equal([10, 20, 30, 40, 50, 60, 70, 80], x.ScaleColumns(device.Tensor([10])));
        Near.Equal([1, 2, -3, -4, 5, 6, -7, -8], x.ScaleColumns(device.Tensor([1, -1])));
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0].ScaleColumns(t[1]), new Shape(3, 11), new Shape(11));
        Gradient.Check(device, t => t[0].ScaleColumns(t[1]), new Shape(3, 21), new Shape(3));
        Gradient.Check(device, t => t[0].ScaleColumns(t[1]), new Shape(2, 523), new Shape(1));
    }

    [Theory, OnEveryDevice]
    public void Factors_that_do_not_divide_the_columns_are_refused(TestDevice device)
    {
        var error = Assert.Throws<ShapeException>(() => device.Random(1, 2, 8).ScaleColumns(device.Random(1, 3)));

        Assert.Equal("[ScaleColumns] what is left of 8 columns over 3 factors: expected 0, found 2.", error.Message);
    }

    [Theory, InlineData(333), InlineData(9)]
    public void Any_number_of_threads_gives_the_same_bits(int factors)
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var (x, s) = (device.Trained(seed: 1, 101, 333), device.Trained(seed: 2, factors));
            var y = x.ScaleColumns(s);
            y.Backward(device.Random(seed: 3, 101, 333));
            return [y, x.Gradient!, s.Gradient!];
        });
    }
}
