using System.Runtime.Intrinsics;

namespace Cria.Tensors.Tests;

public sealed class ProductTests : IDisposable
{
    private readonly CpuBackend cpu = new(2);

    // Around every edge: one, below and above a tile of each width, and above what one part takes.
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 1, 1, 1 }, { 2, 3, 5 }, { 5, 33, 7 }, { 6, 16, 12 }, { 7, 17, 31 }, { 11, 65, 257 }, { 12, 32, 256 }, { 13, 31, 300 },
        { 23, 8, 64 }, { 25, 129, 9 }, { 70, 70, 70 }, { 97, 130, 513 }, { 193, 40, 20 }, { 400, 67, 33 },
    };

    [Theory, MemberData(nameof(Sizes))]
    public void Every_width_agrees_with_the_plain_sum(int rows, int columns, int depth)
    {
        var (a, b) = (Random(1, rows, depth), Random(2, columns, depth));
        float[] expected = Plain(rows, columns, depth, (i, k) => a.Row(i)[k], (j, k) => b.Row(j)[k]);

        foreach (var found in Everywhere(new Operand(a, false), new Operand(b, false), turned: false))
            Near.Equal(expected, found, Tolerances.LongSums);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Either_side_may_sum_over_its_rows(int rows, int columns, int depth)
    {
        var (a, b) = (Random(1, depth, rows), Random(2, depth, columns));
        float[] expected = Plain(rows, columns, depth, (i, k) => a.Row(k)[i], (j, k) => b.Row(k)[j]);

        foreach (var found in Everywhere(new Operand(a, true), new Operand(b, true), turned: false))
            Near.Equal(expected, found, Tolerances.LongSums);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void The_result_may_be_turned_and_added(int rows, int columns, int depth)
    {
        var (a, b) = (Random(1, rows, depth), Random(2, columns, depth));
        float[] expected = Plain(columns, rows, depth, (j, k) => b.Row(j)[k], (i, k) => a.Row(i)[k]);
        for (int i = 0; i < expected.Length; i++)
            expected[i] += 1;

        foreach (var found in Everywhere(new Operand(a, false), new Operand(b, false), turned: true, add: true))
            Near.Equal(expected, found, Tolerances.LongSums);
    }

    [Fact]
    public void Every_width_gives_the_same_bits()
    {
        var (a, b) = (Random(1, 50, 300), Random(2, 70, 300));

        var found = Everywhere(new Operand(a, false), new Operand(b, false), turned: false).ToList();

        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Fma.IsSupported, "Without fused products the last bits may differ.");
        Assert.Equal(found[0], found[1]);
        Assert.Equal(found[0], found[2]);
    }

    [Fact]
    public void A_sum_too_deep_for_one_packing_is_cut()
    {
        var (a, b) = (cpu.Zeros(new Shape(4096, 1025)), cpu.Zeros(new Shape(2, 1025)));
        a.Floats().Fill(1);
        b.Floats().Fill(2);
        var c = cpu.Empty(new Shape(4096, 2));

        Product.Run(cpu, new Operand(a, false), new Operand(b, false), new ProductTarget(c, Turned: false, Add: false));

        Assert.All(c.Floats().ToArray(), sum => Assert.Equal(2050, sum));
    }

    public void Dispose() => cpu.Dispose();

    private IEnumerable<float[]> Everywhere(Operand a, Operand b, bool turned, bool add = false)
    {
        ProductTarget Target()
        {
            var c = cpu.Empty(turned ? new Shape(b.Count, a.Count) : new Shape(a.Count, b.Count));
            c.Floats().Fill(add ? 1 : float.NaN);
            return new ProductTarget(c, turned, add);
        }
        var target = Target();
        new Product<Lanes128, Vector128<float>, Rows6>(cpu, a, b, target).Run();
        yield return target.Matrix.Floats().ToArray();
        target = Target();
        new Product<Lanes256, Vector256<float>, Rows6>(cpu, a, b, target).Run();
        yield return target.Matrix.Floats().ToArray();
        target = Target();
        new Product<Lanes512, Vector512<float>, Rows12>(cpu, a, b, target).Run();
        yield return target.Matrix.Floats().ToArray();
    }

    private Tensor Random(int seed, int rows, int columns) => cpu.From(Some.Floats(rows * columns, seed), new Shape(rows, columns));

    private static float[] Plain(int rows, int columns, int depth, Func<int, int, float> a, Func<int, int, float> b) =>
        [.. from i in Enumerable.Range(0, rows)
            from j in Enumerable.Range(0, columns)
            select (float)Enumerable.Range(0, depth).Sum(k => (double)a(i, k) * b(j, k))];
}
