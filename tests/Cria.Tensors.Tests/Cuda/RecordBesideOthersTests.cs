namespace Cria.Tensors.Tests.Cuda;

/// <summary>Backends of one card share its context, and each may belong to a thread of its own: a recording of one is not the others' concern.</summary>
public class RecordBesideOthersTests
{
    [Fact]
    public async Task Another_backend_is_made_used_emptied_and_closed_while_work_is_recorded()
    {
        Assert.SkipWhen(Card.Missing is not null, Card.Missing ?? "");
        using var card = new CudaBackend(Card.Options(DataType.F32));
        var x = card.From(Some.Floats(64, 1), new Shape(4, 16));
        var result = card.Lasting(new Shape(4, 16), DataType.F32);
        using var used = new ManualResetEventSlim();
        Task<float>? beside = null;

        using var work = card.Record(new RecordedInputs([], [], [], MostKeys: 0), () =>
        {
            using var scope = TensorScope.Begin();
            beside = Task.Run(() => UseAnother(used));
            used.Wait();
            Thread.Sleep(100);      // it is being closed, or waits until it may be
            card.CopyRows(x + x, 0, result, 0, 4);
        });

        Assert.Equal(2048, await beside!);
        Assert.True(work is not null, card.NotRecordedBecause);
        work.Run();
        Near.Equal((x + x).ToArray(), result.ToArray());
    }

    // What the other is asked for would be done once and not with every run, also where it waits for what comes next.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Work_for_another_backend_is_refused_in_that_which_is_recorded(bool waits)
    {
        Assert.SkipWhen(Card.Missing is not null, Card.Missing ?? "");
        using var card = new CudaBackend(Card.Options(DataType.F32));
        using var other = new CudaBackend(Card.Options(DataType.BF16));
        var (x, there) = (card.From(Some.Floats(64, 1), new Shape(4, 16)), other.From(Some.Floats(1024, 2), new Shape(8, 128)).To(DataType.BF16));
        var (plain, result) = (x + x, card.Lasting(new Shape(4, 16), DataType.F32));
        float[] expected = there.Linear(there).ToArray();
        using var scope = TensorScope.Begin();
        var before = waits ? there.Linear(there) : null;

        using var work = card.Record(new RecordedInputs([], [], [], MostKeys: 0), () =>
        {
            using var inner = TensorScope.Begin();
            card.CopyRows(x + x, 0, result, 0, 4);
            there.Linear(there);
        });

        Assert.Null(work);
        Assert.Contains("another backend", card.NotRecordedBecause, StringComparison.Ordinal);
        Assert.Equal(plain.ToArray(), (x + x).ToArray());
        Assert.Equal(expected, (before ?? there.Linear(there)).ToArray());
    }

    [Fact]
    public void Memory_that_is_given_back_to_the_card_is_not_read_any_more()
    {
        Assert.SkipWhen(Card.Missing is not null, Card.Missing ?? "");
        using var card = new CudaBackend(Card.Options(DataType.F32));
        const int Rows = 4096;
        var weight = card.From(Some.Floats(Rows * Rows, 1), new Shape(Rows, Rows));
        float[] expected = Product();

        var products = Enumerable.Range(0, 8).Select(_ => Product()).ToList();

        Assert.All(products, product => Assert.Equal(expected, product));

        float[] Product()
        {
            Tensor sum;
            using (var scope = TensorScope.Begin())
                sum = scope.Keep((weight + weight).Linear(weight).RmsNorm(card.From(Some.Floats(Rows, 2), new Shape(Rows)), 1e-5f));
            card.Trim();                                        // while the product still runs
            var other = card.Zeros(new Shape(Rows, Rows));      // takes what was given back
            float[] numbers = sum.ToArray();
            other.Release();
            sum.Release();
            return numbers;
        }
    }

    // All that a training run of its own would ask of the driver: memory of both kinds, kernels, a product, numbers for the host, and memory given back.
    private static float UseAnother(ManualResetEventSlim used)
    {
        const int Size = 1024;
        try
        {
            using var other = new CudaBackend(Card.Options(DataType.F32));
            var ones = other.Zeros(new Shape(Size, Size));
            other.Fill(ones, 1);
            float[] sums;
            using (TensorScope.Begin())
                sums = (ones + ones).Linear(ones).ToArray();
            other.Trim();
            used.Set();
            return sums[^1];
        }
        finally
        {
            used.Set();             // or the recording would wait for what failed
        }
    }
}
