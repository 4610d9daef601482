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

    [Theory, MemberData(nameof(Sizes))]
    public void A_tail_of_a_few_terms_is_added_in_every_width(int rows, int columns, int depth)
    {
        var (a, b) = (Random(1, rows, depth), Random(2, columns, depth));
        var (left, right) = (Random(3, rows, 5), Random(4, 5, columns));
        float[] expected = Plain(rows, columns, depth + 5, (i, k) => k < depth ? a.Row(i)[k] : left.Row(i)[k - depth], (j, k) => k < depth ? b.Row(j)[k] : right.Row(k - depth)[j]);
        var tail = new ProductTail(new Operand(left, false), new Operand(right, true));

        foreach (var found in Everywhere<FloatTerms>(new Operand(a, false), new Operand(b, false), turned: false, add: false, tail))
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

    public static TheoryData<string, int, int, int> WholeNumbers => new()
    {
        { "q8_0", 9, 17, 32 }, { "q8_0", 14, 33, 288 }, { "q8_0", 100, 130, 512 }, { "q4_0", 13, 70, 320 }, { "q4_1", 13, 70, 320 }, { "q5_0", 13, 70, 320 },
        { "q5_1", 13, 70, 320 }, { "iq4_nl", 13, 70, 320 }, { "q2_k", 13, 70, 512 }, { "q3_k", 13, 70, 512 }, { "q4_k", 13, 70, 512 }, { "q5_k", 13, 70, 512 },
        { "q6_k", 13, 70, 512 },
    };

    [Theory, MemberData(nameof(WholeNumbers))]
    public void Whole_numbers_with_scales_are_summed_as_integers(string type, int rows, int columns, int depth)
    {
        var (a, b) = (Random(1, rows, depth), Random(2, columns, depth).To(DataType.Parse(type)!));
        var floats = b.To(DataType.F32);
        float[] expected = Plain(rows, columns, depth, (i, k) => a.Row(i)[k], (j, k) => floats.Row(j)[k]);

        var found = Everywhere(new Operand(a, false), new Operand(b, false), turned: false).ToList();

        Assert.True(IntegerPanel.Fits(new Operand(a, false), new Operand(b, false)));
        Assert.All(found, sums => Near.Equal(expected, sums, Tolerances.WideActivations));
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Fma.IsSupported, "Without fused products the last bits may differ.");
        Assert.Equal(found[0], found[1]);
        Assert.Equal(found[0], found[2]);
    }

    [Fact]
    public void An_activation_that_is_not_finite_shows()
    {
        var (a, b) = (Random(1, 9, 64), Random(2, 16, 64).To(DataType.Q8));
        a.Row(3)[40] = float.NaN;
        a.Row(5)[2] = float.PositiveInfinity;
        var c = cpu.Empty(new Shape(9, 16));

        Product.Run(cpu, new Operand(a, false), new Operand(b, false), new ProductTarget(c, Turned: false, Add: false));

        for (int row = 0; row < 9; row++)
            Assert.All(c.Row(row).ToArray(), sum => Assert.Equal(row is 3 or 5, !float.IsFinite(sum)));
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

    private IEnumerable<float[]> Everywhere(Operand a, Operand b, bool turned, bool add = false) =>
        !IntegerPanel.Fits(a, b) ? Everywhere<FloatTerms>(a, b, turned, add)
        : b.Matrix.Type.Format.HasOffsets ? [.. Everywhere<OffsetTerms<Pairs>>(a, b, turned, add), .. Everywhere<OffsetTerms<FusedPairs>>(a, b, turned, add)]
        : [.. Everywhere<IntegerTerms<Pairs>>(a, b, turned, add), .. Everywhere<IntegerTerms<FusedPairs>>(a, b, turned, add)];

    private IEnumerable<float[]> Everywhere<TTerms>(Operand a, Operand b, bool turned, bool add, ProductTail? tail = null)
        where TTerms : struct, ITerms
    {
        ProductTarget Target()
        {
            var c = cpu.Empty(turned ? new Shape(b.Count, a.Count) : new Shape(a.Count, b.Count));
            c.Floats().Fill(add ? 1 : float.NaN);
            return new ProductTarget(c, turned, add);
        }
        var target = Target();
        new Product<Lanes128, Vector128<float>, Rows6, TTerms>(cpu, a, b, target, tail).Run();
        yield return target.Matrix.Floats().ToArray();
        target = Target();
        new Product<Lanes256, Vector256<float>, Rows6, TTerms>(cpu, a, b, target, tail).Run();
        yield return target.Matrix.Floats().ToArray();
        target = Target();
        new Product<Lanes512, Vector512<float>, Rows12, TTerms>(cpu, a, b, target, tail).Run();
        yield return target.Matrix.Floats().ToArray();
    }

    private Tensor Random(int seed, int rows, int columns) => cpu.From(Some.Floats(rows * columns, seed), new Shape(rows, columns));

    private static float[] Plain(int rows, int columns, int depth, Func<int, int, float> a, Func<int, int, float> b) =>
        [.. from i in Enumerable.Range(0, rows)
            from j in Enumerable.Range(0, columns)
            select (float)Enumerable.Range(0, depth).Sum(k => (double)a(i, k) * b(j, k))];
}
