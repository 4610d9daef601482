namespace Cria.Tensors.Tests.Ops;

public class IndexOfMaxTests
{
    [Theory, OnEveryDevice]
    public void The_largest_of_each_row_is_found_and_the_first_of_equals(TestDevice device)
    {
        var x = device.Tensor([1, 3, 3, -5, -1, -2, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], 3, 3);

        Assert.Equal([1, 1, 0], device.Backend.IndexOfMax(x));
    }

    [Theory, OnEveryDevice]
    public void Long_rows_give_what_a_search_gives(TestDevice device)
    {
        var x = device.Random(7, 3, 40_001);
        float[] numbers = x.ToArray();

        Assert.Equal(Enumerable.Range(0, 3).Select(row => Array.IndexOf(numbers[(row * 40_001)..((row + 1) * 40_001)], numbers[(row * 40_001)..((row + 1) * 40_001)].Max())), device.Backend.IndexOfMax(x));
    }

    [Theory, OnEveryDevice]
    public void What_is_no_number_is_found_first(TestDevice device)
    {
        var x = device.Tensor([1, float.NaN, float.PositiveInfinity, float.NaN], 1, 4);

        Assert.Equal([1], device.Backend.IndexOfMax(x));
    }
}
