namespace Cria.Tensors.Tests.Ops;

public class CopyRowsTests
{
    [Theory, OnEveryDevice]
    public void Rows_arrive_where_they_should_and_nothing_else_changes(TestDevice device)
    {
        var from = device.Tensor([1, 2, 3, 4, 5, 6], 3, 2);
        var to = device.Backend.Zeros(new Shape(4, 2));

        device.Backend.CopyRows(from, 1, to, 2, 2);

        Near.Equal([0, 0, 0, 0, 3, 4, 5, 6], to);
    }

    [Theory, OnEveryDevice]
    public void Rows_outside_are_refused(TestDevice device)
    {
        var (from, to) = (device.Random(1, 3, 2), device.Random(2, 4, 2));

        Assert.Equal("[CopyRows] rows of the source: 2 + 2 lie outside of 3.", Assert.Throws<ShapeException>(() => device.Backend.CopyRows(from, 2, to, 0, 2)).Message);
        Assert.Equal("[CopyRows] rows of the target: -1 + 1 lie outside of 4.", Assert.Throws<ShapeException>(() => device.Backend.CopyRows(from, 0, to, -1, 1)).Message);
    }
}
