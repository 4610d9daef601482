namespace Cria.Tensors.Tests;

public sealed class SideBySideTests : IDisposable
{
    private const int Rows = 48, Columns = 768;

    private readonly CpuBackend cpu = new(2);

    public static TheoryData<string> Types => [.. DataType.All.Where(type => type.Format.SideBySide is not null).Select(type => type.Name)];

    public static TheoryData<string, int> Activations
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var type in Types)
                foreach (int rows in new[] { 1, 2, 3, 4, 7, 8, 9, 50 })
                    cases.Add(type.Data, rows);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void A_file_gets_the_bytes_that_it_gave(string type)
    {
        var (plain, beside) = Weights(type);

        Assert.Equal(Bytes(plain.Storage), Bytes(beside.OnHost()));
        Assert.NotEqual(Bytes(plain.Storage), Bytes(beside.Storage));
    }

    [Theory, MemberData(nameof(Types))]
    public void Numbers_are_read_as_before(string type)
    {
        var (plain, beside) = Weights(type);

        Assert.Equal(plain.ToArray(), beside.ToArray());
        Assert.Equal(plain.To(DataType.F32).ToArray(), beside.To(DataType.F32).ToArray());
        Assert.Equal(plain.Rows([3, 47, 3, 8]).ToArray(), beside.Rows([3, 47, 3, 8]).ToArray());
        Assert.Equal(plain.RowsAsFloats(5, 9).ToArray(), beside.RowsAsFloats(5, 9).ToArray());
    }

    [Theory, MemberData(nameof(Activations))]
    public void Products_agree_with_the_plain_sum(string type, int rows)
    {
        var (plain, beside) = Weights(type);
        var x = cpu.From(Some.Floats(rows * Columns, seed: 2), new Shape(rows, Columns));

        Near.Equal(x.Linear(plain.To(DataType.F32)), x.Linear(beside), Tolerances.WideActivations);
    }

    [Theory, MemberData(nameof(Types))]
    public void Many_rows_give_the_same_bits_as_from_rows_one_after_another(string type)
    {
        var (plain, beside) = Weights(type);
        var x = cpu.From(Some.Floats(50 * Columns, seed: 2), new Shape(50, Columns));

        Assert.Equal(x.Linear(plain).ToArray(), x.Linear(beside).ToArray());
    }

    [Theory, MemberData(nameof(Types))]
    public void A_row_has_the_same_result_alone_and_among_others(string type)
    {
        var (_, beside) = Weights(type);
        var x = cpu.From(Some.Floats(7 * Columns, seed: 2), new Shape(7, Columns));

        var all = x.Linear(beside);

        for (int row = 0; row < 7; row++)
            Assert.Equal(all.Row(row).ToArray(), cpu.From(x.Row(row), new Shape(1, Columns)).Linear(beside).ToArray());
    }

    [Theory, MemberData(nameof(Types))]
    public void The_gradient_passes_through_as_before(string type)
    {
        var (plain, beside) = Weights(type);
        float[] dy = Some.Floats(20 * Rows, seed: 3);

        Assert.Equal(Gradient(plain, dy), Gradient(beside, dy));
    }

    [Theory, MemberData(nameof(Types))]
    public void Rows_that_make_no_whole_groups_stay_as_they_are(string type)
    {
        var weight = cpu.From(Some.Floats(7 * Columns, seed: 1), new Shape(7, Columns)).To(DataType.Parse(type)!);

        Assert.Same(weight, weight.ForProducts());
    }

    [Theory, MemberData(nameof(Types))]
    public void Any_number_of_threads_gives_the_same_bits(string type) => AnyThreads.GiveTheSameBits(device =>
    {
        var weight = device.Random(2, 144, 512).To(DataType.Parse(type)!).ForProducts();
        return [device.Random(1, 1, 512).Linear(weight), device.Random(1, 5, 512).Linear(weight), device.Random(1, 60, 512).Linear(weight)];
    });

    public void Dispose() => cpu.Dispose();

    private (Tensor Plain, Tensor Beside) Weights(string type)
    {
        var plain = cpu.From(Some.Floats(Rows * Columns, seed: 1), new Shape(Rows, Columns)).To(DataType.Parse(type)!);
        return (plain, plain.ForProducts());
    }

    private float[] Gradient(Tensor weight, float[] dy)
    {
        var x = cpu.From(Some.Floats(20 * Columns, seed: 2), new Shape(20, Columns));
        x.RequiresGradient = true;
        using (TensorScope.Begin())
            x.Linear(weight).Backward(cpu.From(dy, new Shape(20, Rows)));
        return x.Gradient!.ToArray();
    }

    private static byte[] Bytes(Storage storage) => storage.Bytes(0, (int)storage.Length).ToArray();
}
