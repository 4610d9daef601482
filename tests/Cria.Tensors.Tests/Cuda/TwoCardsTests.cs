namespace Cria.Tensors.Tests.Cuda;

/// <summary>Two cards in one process: each has its own context, memory and kernels, and a thread may turn from one to the other at any time.</summary>
public class TwoCardsTests
{
    [Fact]
    public void By_turns_on_one_thread_each_gives_what_it_gives_alone()
    {
        using var first = Open(0);
        using var second = Open(1);
        var (a, b) = (new Work(first), new Work(second));
        float[] ofFirst = a.Whole(), ofSecond = b.Whole();

        // What waits on one card for its next call is launched after the other was used.
        for (int i = 0; i < 3; i++)
        {
            a.Begin();
            b.Begin();
            Assert.Equal(ofFirst, a.End());
            Assert.Equal(ofSecond, b.End());
        }
    }

    [Fact]
    public async Task At_once_on_two_threads_each_gives_what_it_gives_alone()
    {
        using var first = Open(0);
        using var second = Open(1);
        Work[] works = [new(first), new(second)];
        float[][] alone = [.. works.Select(work => work.Whole())];

        float[][][] atOnce = await Task.WhenAll(works.Select(work => Task.Run(() => Enumerable.Range(0, 50).Select(_ => work.Whole()).ToArray())));

        for (int card = 0; card < 2; card++)
            Assert.All(atOnce[card], found => Assert.Equal(alone[card], found));
    }

    [Fact]
    public void Tensors_of_two_cards_are_refused_together_and_copied_when_asked()
    {
        using var first = Open(0);
        using var second = Open(1);
        var (x, weight) = (first.From(Some.Floats(3 * 128, 1), new Shape(3, 128)), first.From(Some.Floats(8 * 128, 2), new Shape(8, 128)));

        foreach (string name in new[] { "f32", "bf16", "q8_0", "nf4-dq" })
        {
            var here = weight.To(DataType.Parse(name)!);
            var there = here.On(second);

            var refused = Assert.Throws<ShapeException>(() => x.Linear(there));
            Assert.Contains("different devices", refused.Message, StringComparison.Ordinal);
            Assert.Equal("cuda:1", there.Device.Name);
            Assert.Equal(here.ToArray(), there.ToArray());
            Near.Equal(x.Linear(here).ToArray(), x.On(second).Linear(there), Tolerances.Bfloat16);
        }
    }

    [Fact]
    public void Work_recorded_on_both_runs_by_turns()
    {
        using var first = Open(0);
        using var second = Open(1);
        using var a = new Recorded(first);
        using var b = new Recorded(second);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(a.Expected, a.Run());
            Assert.Equal(b.Expected, b.Run());
        }
    }

    [Fact]
    public void Work_for_one_is_refused_in_that_which_is_recorded_on_the_other()
    {
        using var first = Open(0);
        using var second = Open(1);
        var (a, b) = (new Work(first), new Work(second));
        float[] ofFirst = a.Whole(), ofSecond = b.Whole();

        using var work = first.Record(new RecordedInputs([], [], [], MostKeys: 0), () =>
        {
            using var scope = TensorScope.Begin();
            a.Begin();
            b.Begin();
        });

        Assert.Null(work);
        Assert.Contains("another backend, of cuda:1,", first.NotRecordedBecause, StringComparison.Ordinal);
        Assert.Equal(ofSecond, b.Whole());
        Assert.Equal(ofFirst, a.Whole());
    }

    [Fact]
    public void Closing_one_leaves_the_other()
    {
        using var first = Open(0);
        var second = Open(1);
        var (a, b) = (new Work(first), new Work(second));
        float[] ofFirst = a.Whole();
        a.Begin();

        b.Whole();
        second.Trim();
        second.Dispose();

        Assert.Equal(ofFirst, a.End());
        Assert.Equal(ofFirst, new Work(first).Whole());
    }

    private static CudaBackend Open(int index)
    {
        Assert.SkipWhen(CudaBackend.Cards < 2, $"Needs two cards; the driver sees {CudaBackend.Cards}.");
        return new CudaBackend(Card.Options(DataType.BF16) with { Device = index });
    }

    private static Tensor Narrow(CudaBackend card, int seed, int rows, int columns) =>
        card.From(Some.Floats(rows * columns, seed), new Shape(rows, columns)).To(DataType.BF16);

    // Products of few rows and their gate, which share a launch, and one of many rows, by the library.
    private sealed class Work(CudaBackend card)
    {
        private const int Columns = 512;

        private readonly Tensor gate = Narrow(card, 1, 48, Columns), up = Narrow(card, 2, 48, Columns), few = Narrow(card, 3, 2, Columns), many = Narrow(card, 4, 64, Columns);
        private (Tensor Gate, Tensor Up) waiting;

        public void Begin() => waiting = (few.Linear(gate), few.Linear(up));

        public float[] End() => [.. Tensor.SiluMultiply(waiting.Gate, waiting.Up).ToArray(), .. (many + many).Linear(gate).ToArray()];

        public float[] Whole()
        {
            Begin();
            return End();
        }
    }

    private sealed class Recorded : IDisposable
    {
        private readonly Tensor result;
        private readonly RecordedWork work;

        public Recorded(CudaBackend card)
        {
            var x = Narrow(card, 1, 16, 64);
            result = card.Lasting(new Shape(16, 16), DataType.BF16);
            Expected = x.Linear(x).ToArray();
            work = card.Record(new RecordedInputs([], [], [], MostKeys: 0), () =>
            {
                using var scope = TensorScope.Begin();
                card.CopyRows(x.Linear(x), 0, result, 0, 16);
            }) ?? throw new InvalidOperationException(card.NotRecordedBecause);
        }

        public float[] Expected { get; }

        public float[] Run()
        {
            work.Run();
            return result.ToArray();
        }

        public void Dispose() => work.Dispose();
    }
}
