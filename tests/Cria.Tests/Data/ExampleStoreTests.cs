using Cria.Data;
using Cria.Tests.Tokenizers;
using Cria.Tokenizers;

namespace Cria.Tests.Data;

/// <summary>These measure the heap of the whole process, so nothing may run beside them.</summary>
[CollectionDefinition(nameof(ExampleStoreTests), DisableParallelization = true)]
[Collection(nameof(ExampleStoreTests))]
public class ExampleStoreTests
{
    [Fact]
    public void Bytes_come_back_from_memory_and_from_the_file_alike()
    {
        foreach (int mostInMemory in new[] { 0, 100, 10_000, int.MaxValue })
        {
            using var store = new ByteStore("numbers", mostInMemory);
            for (int i = 0; i < 3_000; i++)
                store.Add(BitConverter.GetBytes(i));

            byte[] bytes = new byte[8];
            foreach (int i in new[] { 0, 24, 25, 2_499, 2_998 })
            {
                store.Read(4L * i, bytes);
                Assert.Equal((i, i + 1), (BitConverter.ToInt32(bytes), BitConverter.ToInt32(bytes, 4)));
            }
            Assert.Equal(12_000, store.Length);
        }
    }

    [Fact]
    public void An_example_comes_back_as_it_was()
    {
        using var store = new ExampleStore();
        store.Add(new Example([1, 2, 3], [-100, 2, 7], new RecordOrigin("a.jsonl", 3)));
        int[] all = [4, 5];
        store.Add(new Example(all, all, new RecordOrigin("b.jsonl", 9)));

        var (first, second) = (store[0], store[1]);

        Assert.Equal((2, 3, 2), (store.Count, store.TokensOf(0), store.TokensOf(1)));
        Assert.Equal([1, 2, 3], first.Tokens);
        Assert.Equal([-100, 2, 7], first.Labels);
        Assert.Equal(new RecordOrigin("a.jsonl", 3), first.Origin);
        Assert.Equal([4, 5], second.Tokens);
        Assert.Same(second.Tokens, second.Labels);
        Assert.Equal(new RecordOrigin("b.jsonl", 9), second.Origin);
    }

    [Fact]
    public void Records_may_be_more_than_the_memory_that_is_taken()
    {
        using var folder = TestData.Folder();
        string answer = new('a', 1_000);
        using (var file = File.CreateText(folder.File("a.jsonl")))
            for (int i = 0; i < 30_000; i++)
                file.WriteLine($$"""{"prompt":"{{i}}","completion":"{{answer}}"}""");
        using var heap = new Heap();

        // 32 MB of text are 30 million tokens: with their labels 240 MB, if they were held.
        using var data = TrainingData.Load(
            new DataOptions { Train = folder.File("a.jsonl"), MaxLength = 2048 }, ChatTemplate.None, ByteTokenizer.Create(), 261, 4096, seed: 1, TestContext.Current.CancellationToken);
        var reader = new BatchReader(data.Train, 16, 16, seed: 1);
        for (int i = 0; i < reader.BatchesPerEpoch; i += 50)
        {
            reader.Position = new DataPosition(0, i);
            Assert.Equal(32, reader.Next().Records.Count());
        }

        Assert.InRange(data.TrainTokens, 30_000_000, 31_000_000);
        Assert.InRange(heap.Growth(), 1 << 20, 80 << 20);
    }

    /// <summary>The most that the heap held at any time, without what was garbage.</summary>
    private sealed class Heap : IDisposable
    {
        private readonly long before = Held();
        private readonly CancellationTokenSource stop = new();
        private readonly Task watching;
        private long most;

        public Heap() => watching = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                most = Math.Max(most, Held());
                await Task.Delay(50);
            }
        });

        public long Growth()
        {
            stop.Cancel();
            watching.Wait();
            return most - before;
        }

        public void Dispose() => stop.Dispose();

        private static long Held()
        {
            GC.Collect();
            return GC.GetTotalMemory(forceFullCollection: false);
        }
    }
}
