namespace Cria.Tensors.Tests.Cpu;

public sealed class MemoryPoolTests
{
    [Fact]
    public void An_array_that_was_given_back_is_handed_out_again()
    {
        var pool = new MemoryPool();
        var first = pool.Take(10_000);
        pool.Give(first);
        Assert.Same(first.Array, pool.Take(9_000).Array);
    }

    [Fact]
    public void Lengths_that_change_with_every_step_do_not_pile_up()
    {
        const int Tensors = 20, LongestRow = 4_096;
        var pool = new MemoryPool();
        var random = new Random(1);
        for (int step = 0; step < 1_000; step++)
        {
            int row = random.Next(64, LongestRow);
            var taken = Enumerable.Range(1, Tensors).Select(i => pool.Take((long)i * row)).ToList();
            taken.ForEach(pool.Give);
        }
        long most = Enumerable.Range(1, Tensors).Sum(i => (long)i * LongestRow);
        Assert.InRange(pool.Bytes, 0, most * 5 / 4);
    }
}
