namespace Cria.Tensors.Tests;

public class WorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_part_runs_exactly_once(int threads)
    {
        using var workers = new Workers(threads);

        for (int parts = 0; parts < 300; parts++)
        {
            var runs = new int[parts];
            workers.For(parts, part => Interlocked.Increment(ref runs[part]));
            Assert.All(runs, count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public void Falling_parts_are_all_rows_once_and_in_order(int threads)
    {
        for (int rows = 1; rows < 3_000; rows += rows < 40 ? 1 : 37)
        {
            foreach (var (least, most) in new[] { (0, int.MaxValue), (1, int.MaxValue), (1, 8), (1, 1), (5, 100), (100, 100), (100, 10) })
            {
                var parts = new FallingParts(rows, least, threads, most);
                int largest = Math.Max(1, Math.Max(least, most));
                int next = 0;
                for (int part = 0; part < parts.Count; part++)
                {
                    Assert.Equal(next, parts[part].First);
                    Assert.InRange(parts[part].Count, 1, Math.Min(largest, rows));
                    next += parts[part].Count;
                }
                Assert.Equal(rows, next);
            }
        }
    }

    [Fact]
    public void Sleeping_threads_wake_up()
    {
        using var workers = new Workers(2);

        for (int i = 0; i < 20; i++)
        {
            var both = new Barrier(2);
            workers.For(2, _ => Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)));
            Thread.Sleep(2);
        }
    }

    [Fact]
    public void An_exception_reaches_the_caller_after_all_parts_ended()
    {
        using var workers = new Workers(3);
        int ended = 0;

        var thrown = Assert.Throws<InvalidOperationException>(() => workers.For(50, part =>
        {
            Interlocked.Increment(ref ended);
            if (part == 7)
                throw new InvalidOperationException("seven");
        }));

        Assert.Equal("seven", thrown.Message);
        Assert.Equal(50, ended);
        workers.For(4, _ => Interlocked.Increment(ref ended));
        Assert.Equal(54, ended);
    }

    [Fact]
    public void A_body_may_call_again()
    {
        using var workers = new Workers(3);
        int runs = 0;

        workers.For(10, _ => workers.For(10, _ => Interlocked.Increment(ref runs)));

        Assert.Equal(100, runs);
    }

    [Fact]
    public void Several_threads_may_call_at_once()
    {
        using var workers = new Workers(3);
        int runs = 0;

        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 200; i++)
                workers.For(5, _ => Interlocked.Increment(ref runs));
        });

        Assert.Equal(8 * 200 * 5, runs);
    }

    [Fact]
    public void Work_allocates_nothing_after_the_first_call()
    {
        using var workers = new Workers(2);
        Action<int> body = static _ => { };
        workers.For(8, body);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100; i++)
            workers.For(8, body);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Disposing_ends_the_threads_and_later_work_runs_alone()
    {
        var workers = new Workers(4);
        workers.For(8, _ => { });

        workers.Dispose();

        int caller = Environment.CurrentManagedThreadId;
        workers.For(8, _ => Assert.Equal(caller, Environment.CurrentManagedThreadId));
    }
}
