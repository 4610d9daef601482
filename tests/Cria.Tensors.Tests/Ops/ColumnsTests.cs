namespace Cria.Tensors.Tests.Ops;

public class ColumnsTests
{
    [Theory, OnEveryDevice]
    public void Each_id_takes_a_column(TestDevice device)
    {
        var y = device.Tensor([1, 2, 3, 4, 5, 6], 2, 3).Columns([2, 0, 2]);

        Assert.Equal(new Shape(3, 2), y.Shape);
        Near.Equal([3, 6, 1, 4, 3, 6], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0].Columns([4, 0, 4, 2]), new Shape(3, 5));
    }

    [Theory, OnEveryDevice]
    public void An_id_outside_is_refused(TestDevice device)
    {
        Assert.Throws<ShapeException>(() => device.Random(1, 2, 3).Columns([3]));
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var matrix = device.Trained(seed: 1, 16, 50);
            var y = matrix.Columns([.. Enumerable.Range(0, 500).Select(i => i * 7 % 50)]);
            y.Backward(device.Random(seed: 3, 500, 16));
            return [y, matrix.Gradient!];
        });
    }
}
