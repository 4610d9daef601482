namespace Cria.Tensors.Tests.Ops;

public class EmbeddingTests
{
    [Theory, OnEveryDevice]
    public void Rows_are_looked_up(TestDevice device)
    {
        var table = device.Tensor([1, 2, 3, 4, 5, 6], 3, 2);

        var y = table.Rows([2, 0, 2]);

        Assert.Equal(new Shape(3, 2), y.Shape);
        Near.Equal([5, 6, 1, 2, 5, 6], y);
    }

    [Theory, OnEveryDevice]
    public void Millions_of_ids_are_looked_up_too(TestDevice device)
    {
        int[] ids = [.. Enumerable.Range(0, 1_200_000).Select(i => i % 3)];

        float[] y = device.Tensor([1, 2, 3], 3, 1).Rows(ids).ToArray();

        Assert.Equal(ids.Select(id => id + 1f), y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences_where_ids_repeat(TestDevice device)
    {
        Gradient.Check(device, t => t[0].Rows([3, 1, 3, 3, 0]), new Shape(5, 130));
    }

    [Theory, OnEveryDevice]
    public void An_id_outside_of_the_table_is_named(TestDevice device)
    {
        var table = device.Tensor([1, 2, 3, 4, 5, 6], 3, 2);

        Assert.Equal("[Rows] id 3 lies outside of a table of 3 rows.", Assert.Throws<ShapeException>(() => table.Rows([0, 3])).Message);
        Assert.Equal("[Rows] id -1 lies outside of a table of 3 rows.", Assert.Throws<ShapeException>(() => table.Rows([-1])).Message);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var table = device.Trained(seed: 1, 10, 300);
            table.Rows(Some.Ints(200, below: 10, seed: 2)).Backward(device.Random(seed: 3, 200, 300));
            return [table.Gradient!];
        });
    }
}
