namespace Cria.Tensors.Tests.Ops;

public class AddRowTests
{
    [Theory, OnEveryDevice]
    public void Every_row_gets_it(TestDevice device)
    {
        Near.Equal([11, 22, 13, 24], device.Tensor([1, 2, 3, 4], 2, 2).AddRow(device.Tensor([10, 20])));
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0].AddRow(t[1]), new Shape(3, 11), new Shape(11));
        Gradient.Check(device, t => t[0].AddRow(t[1]), new Shape(2, 523), new Shape(523));
    }

    [Theory, OnEveryDevice]
    public void A_row_of_another_length_is_refused(TestDevice device)
    {
        var error = Assert.Throws<ShapeException>(() => device.Random(1, 2, 8).AddRow(device.Random(1, 7)));

        Assert.Equal("[AddRow] the columns of x for its row: expected 7, found 8.", error.Message);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var (x, b) = (device.Trained(seed: 1, 101, 333), device.Trained(seed: 2, 333));
            var y = x.AddRow(b);
            y.Backward(device.Random(seed: 3, 101, 333));
            return [y, x.Gradient!, b.Gradient!];
        });
    }
}
