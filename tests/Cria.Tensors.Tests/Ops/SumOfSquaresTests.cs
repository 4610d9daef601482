namespace Cria.Tensors.Tests.Ops;

public class SumOfSquaresTests
{
    [Theory, OnEveryDevice]
    public void Squares_of_several_blocks_add_up(TestDevice device)
    {
        var x = device.Random(seed: 1, 150_001);

        double sum = device.Backend.SumOfSquares(x);

        Assert.Equal(x.ToArray().Sum(number => (double)number * number), sum, tolerance: 1e-7 * sum);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device => [device.Tensor([(float)device.Backend.SumOfSquares(device.Random(seed: 1, 300_001))])]);
    }
}
