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

    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    [InlineData(3_000_000)]
    public unsafe void Every_array_starts_at_a_cache_line(int bytes)
    {
        var pool = new MemoryPool();
        for (int i = 0; i < 5; i++)
        {
            foreach (var storage in (Storage[])[pool.Take(bytes + i), pool.TakeLasting(bytes + i), Storage.Allocate(bytes + i)])
            {
                fixed (byte* start = storage.Bytes(0, bytes))
                    Assert.Equal(0u, (nuint)start % Storage.CacheLine.Size);
            }
        }
    }

    [Fact]
    public void Lasting_memory_lies_in_pieces_that_do_not_overlap()
    {
        const int Bytes = 1_000_000, Pieces = 100;
        var pool = new MemoryPool();
        var pieces = Enumerable.Range(0, Pieces).Select(_ => pool.TakeLasting(Bytes)).ToList();
        for (int i = 0; i < Pieces; i++)
            pieces[i].Bytes(0, Bytes).Fill((byte)i);
        for (int i = 0; i < Pieces; i++)
            Assert.False(pieces[i].Bytes(0, Bytes).ContainsAnyExcept((byte)i));
        Assert.InRange(pool.Bytes, (long)Pieces * Bytes, (long)Pieces * (Bytes + Storage.CacheLine.Size));
    }

    [Fact]
    public void Lasting_memory_that_was_given_back_is_not_handed_out_again()
    {
        var pool = new MemoryPool();
        var (first, second) = (pool.TakeLasting(1_000_000), pool.TakeLasting(1_000_000));
        second.Bytes(0, 1)[0] = 7;
        pool.Give(first);
        pool.Take(1_000_000).Bytes(0, 1_000_000).Clear();
        Assert.Equal(7, second.Bytes(0, 1)[0]);
        pool.Give(second);
        Assert.InRange(pool.BytesInUse, 1_000_000, 1_200_000);
    }
}
