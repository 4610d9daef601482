namespace Cria.Tensors.Tests.Cuda;

/// <summary>Operations that share a launch give what they give one by one: waiting for the card between them keeps them apart.</summary>
public class FewProductsTests
{
    private const int Columns = 512;

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string type in new[] { "bf16", "q8_0", "q4_0", "q4_k", "q6_k", "nf4", "fp4", "nf4-dq", "fp8", "q5_0" })
                foreach (int rows in new[] { 1, 3, 8, 13, 32 })
                    cases.Add(type, rows);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_norm_and_three_products_over_it(string type, int rows)
    {
        using var card = Narrow();
        var (x, norm) = (Activation(card, 1, rows, Columns), card.From(Some.Floats(Columns, 2), new Shape(Columns)));
        Tensor[] weights = [.. new[] { 72, 24, 17 }.Select((outputs, i) => Weight(card, type, 3 + i, outputs, Columns))];

        Tensor[] Run(Action between)
        {
            var y = x.RmsNorm(norm, 1e-5f);
            between();
            return [y, .. weights.Select(weight =>
            {
                var product = y.Linear(weight);
                between();
                return product;
            })];
        }

        // The norm's sum has another order in each launch: now and then a number is rounded the other way.
        AreNear(Run(card.Synchronize), Run(() => { }), Tolerances.Bfloat16);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Two_products_and_their_gate(string type, int rows)
    {
        using var card = Narrow();
        var x = Activation(card, 1, rows, Columns);
        var (gate, up) = (Weight(card, type, 3, 40, Columns), Weight(card, type, 4, 40, Columns));

        Tensor[] Run(Action between)
        {
            var (g, u) = (x.Linear(gate), x.Linear(up));
            between();
            return [g, u, Tensor.SiluMultiply(g, u)];
        }

        AreNear(Run(card.Synchronize), Run(() => { }), 0);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_product_and_the_residual(string type, int rows)
    {
        using var card = Narrow();
        var (x, residual, weight) = (Activation(card, 1, rows, Columns), Activation(card, 2, rows, 100), Weight(card, type, 3, 100, Columns));

        Tensor[] Run(Action between)
        {
            var y = x.Linear(weight);
            between();
            return [y, residual + y];
        }

        AreNear(Run(card.Synchronize), Run(() => { }), 0);
    }

    // More scales of a row than a warp has lanes. Few outputs and many, which fill the card in different shapes; x in shared memory and, of many rows, outside.
    [Theory]
    [InlineData("nf4", 1, 40)]
    [InlineData("fp4", 8, 40)]
    [InlineData("nf4-dq", 8, 40)]
    [InlineData("nf4-dq", 1, 2200)]
    [InlineData("nf4-dq", 3, 2200)]
    [InlineData("nf4", 32, 40)]
    [InlineData("nf4-dq", 19, 40)]
    public void Long_rows_of_types_with_a_book(string type, int rows, int outputs) => FollowsTheSum(type, rows, outputs, columns: 40 * 128);

    // More groups of outputs than blocks that are on the card at a time: where a type gains by it, a block takes several.
    [Theory]
    [InlineData("bf16")]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    [InlineData("q4_k")]
    [InlineData("q6_k")]
    [InlineData("nf4")]
    [InlineData("fp4")]
    [InlineData("nf4-dq")]
    [InlineData("fp8")]
    public void More_outputs_than_blocks(string type) => FollowsTheSum(type, rows: 2, outputs: 12_010, columns: 256);

    // Several times eight in a launch, the last of them fewer; more than are taken so.
    [Theory]
    [InlineData("q8_0", 9)]
    [InlineData("q4_0", 20)]
    [InlineData("q4_k", 32)]
    [InlineData("q6_k", 17)]
    [InlineData("nf4", 24)]
    [InlineData("nf4-dq", 31)]
    [InlineData("fp8", 20)]     // its 100 rows are not what the library takes of 8-bit floats
    [InlineData("q4_0", 33)]
    public void Several_times_eight_rows(string type, int rows)
    {
        using var card = Narrow();
        var (x, weight, y) = (Activation(card, 1, rows, Columns), Weight(card, type, 3, 100, Columns), Activation(card, 2, rows, 100));
        float[] before = y.ToArray(), expected = Products(x, weight);

        Near.Equal(expected, x.Linear(weight), Tolerances.Bfloat16);
        card.LinearAdd(x, weight, y);

        Near.Equal([.. expected.Zip(before, (product, number) => product + number)], y, Tolerances.Bfloat16);
    }

    // Decoded scales of so long a row take more shared memory than kernels have unasked; those of the longest, more than any card has.
    [Theory]
    [InlineData("nf4-dq", 1, 53_248)]
    [InlineData("nf4-dq", 3, 53_248)]
    [InlineData("nf4-dq", 1, 1_800 * 128)]
    [InlineData("nf4", 1, 1_800 * 128)]
    public void The_longest_rows(string type, int rows, int columns) => FollowsTheSum(type, rows, outputs: 24, columns, scale: 1 / 64f);

    // As wide as models get: the norm's weight, the row and the sums lie in shared memory together.
    [Theory]
    [InlineData("q8_0")]
    [InlineData("nf4-dq")]
    public void A_wide_norm_and_a_product_over_it(string type)
    {
        const int Wide = 16_384;
        using var card = Narrow();
        var (x, norm, weight) = (Activation(card, 1, 1, Wide), card.From(Some.Floats(Wide, 2), new Shape(Wide)), Weight(card, type, 3, 40, Wide, 1 / 64f));

        Tensor[] Run(Action between)
        {
            var y = x.RmsNorm(norm, 1e-5f);
            between();
            return [y, y.Linear(weight)];
        }

        AreNear(Run(card.Synchronize), Run(() => { }), Tolerances.Bfloat16);
    }

    [Fact]
    public async Task What_waits_is_launched_by_a_call_from_a_thread_that_never_used_the_card()
    {
        using var card = Narrow();
        var x = Activation(card, 1, 1, Columns);
        var (gate, up) = (Weight(card, "bf16", 3, 40, Columns), Weight(card, "bf16", 4, 40, Columns));
        var y = card.Empty(new Shape(1, 40), DataType.BF16);

        // The first launch of all, so the other thread brings the kernels to the card too.
        var (g, u) = (x.Linear(gate), x.Linear(up));
        await Task.Factory.StartNew(() => card.SiluMultiply(g, u, y), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.Equal(Tensor.SiluMultiply(x.Linear(gate), x.Linear(up)).ToArray(), y.ToArray());
    }

    [Fact]
    public void Memory_that_is_taken_again_meanwhile_is_not_mixed_up()
    {
        using var card = Narrow();
        var (x, norm) = (Activation(card, 1, 1, Columns), card.From(Some.Floats(Columns, 2), new Shape(Columns)));
        var (a, b) = (Weight(card, "bf16", 3, Columns, Columns), Weight(card, "bf16", 4, Columns, Columns));

        Tensor Chain(Action between)
        {
            using var scope = TensorScope.Begin();
            var y = x;
            for (int i = 0; i < 6; i++)
            {
                // Of each round nothing stays but its result: the next one takes the same memory.
                using var round = TensorScope.Begin();
                var n = y.RmsNorm(norm, 1e-5f);
                between();
                var product = n.Linear(a);
                between();
                y = round.Keep(product.Linear(b));
                between();
            }
            return scope.Keep(y);
        }

        Near.Equal(Chain(card.Synchronize).ToArray(), Chain(() => { }), 4 * Tolerances.Bfloat16);
    }

    // Each in a row of its own, whose largest number makes the scale 1 and meets a zero; so a sum is one product, which bfloat16 holds.
    [Fact]
    public void Every_number_of_8_bits_is_multiplied_as_it_is()
    {
        const int Numbers = 256, Rows = 8, Wide = 64;
        using var card = Narrow();
        float[] weight = new float[Numbers * Wide], x = new float[Rows * Wide];
        for (int code = 0; code < Numbers; code++)
            (weight[code * Wide], weight[code * Wide + 1 + code % (Wide - 1)]) = (448, Float8(code));
        for (int row = 0; row < Rows; row++)
            Array.Fill(x, row + 1, row * Wide + 1, Wide - 1);

        var y = card.From(x, new Shape(Rows, Wide)).To(DataType.BF16).Linear(Stored(card, "fp8", weight, Numbers, Wide));

        Assert.Equal(from row in Enumerable.Range(1, Rows) from code in Enumerable.Range(0, Numbers) select row * Float8(code), y.ToArray());
    }

    // The number of a code of e4m3; 0 for the two that are none.
    private static float Float8(int code)
    {
        int exponent = code >> 3 & 15, fraction = code & 7;
        if ((code & 0x7F) == 0x7F)
            return 0;
        float size = exponent == 0 ? MathF.ScaleB(fraction, -9) : MathF.ScaleB(8 + fraction, exponent - 10);
        return code < 128 ? size : -size;
    }

    private static void FollowsTheSum(string type, int rows, int outputs, int columns, float scale = 1 / 16f)
    {
        using var card = Narrow();
        var (x, weight) = (Activation(card, 1, rows, columns), Weight(card, type, 3, outputs, columns, scale));

        Near.Equal(Products(x, weight), x.Linear(weight), Tolerances.Bfloat16);
    }

    private static float[] Products(Tensor x, Tensor weight)
    {
        float[] right = x.ToArray(), left = weight.To(DataType.F32).ToArray();
        int columns = x.Shape.Columns;
        return
        [
            .. from row in Enumerable.Range(0, x.Shape.Rows) from output in Enumerable.Range(0, weight.Shape.Rows)
               select (float)Enumerable.Range(0, columns).Sum(i => (double)right[row * columns + i] * left[output * columns + i]),
        ];
    }

    private static void AreNear(Tensor[] expected, Tensor[] found, double tolerance) =>
        Assert.All(expected.Zip(found), pair => Near.Equal(pair.First.ToArray(), pair.Second.ToArray(), tolerance));

    private static Tensor Activation(CudaBackend card, int seed, int rows, int columns) => card.From(Some.Floats(rows * columns, seed), new Shape(rows, columns)).To(DataType.BF16);

    private static Tensor Weight(CudaBackend card, string type, int seed, int rows, int columns, float scale = 1 / 16f) =>
        Stored(card, type, [.. Some.Floats(rows * columns, seed).Select(x => x * scale)], rows, columns);

    private static Tensor Stored(CudaBackend card, string type, float[] numbers, int rows, int columns)
    {
        var stored = DataType.Parse(type)!;
        Assert.SkipUnless(card.Stores(stored), $"The card does not store {type}.");
        return card.From(numbers, new Shape(rows, columns)).To(stored);
    }

    private static CudaBackend Narrow()
    {
        Assert.SkipWhen(Card.Missing is not null, Card.Missing ?? "");
        return new CudaBackend(Card.Options(DataType.BF16));
    }
}
