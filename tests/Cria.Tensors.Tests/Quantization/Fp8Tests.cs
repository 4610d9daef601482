namespace Cria.Tensors.Tests;

/// <summary>8-bit floats with a scale for each row: products on a card of compute capability 9.0.</summary>
public sealed class Fp8Tests
{
    // Numbers of 4 bits are off by up to 1/16, at random; a sum of many such products by less of its size.
    private const double OfEightBits = 0.06;

    [Theory]
    [InlineData("f32")]
    [InlineData("bf16")]
    [InlineData("nf4")]
    public void A_round_trip_keeps_four_bits_of_each_number(string type)
    {
        using var card = Narrow();
        var numbers = Random(card, 1, 24, 128).To(DataType.Parse(type)!);

        var stored = numbers.To(DataType.FP8);

        Assert.Equal(2 * 24 * 128 + 24 * sizeof(float), stored.Storage.Length);
        float[] expected = numbers.To(DataType.F32).ToArray(), found = stored.To(DataType.F32).ToArray();
        for (int row = 0; row < 24; row++)
        {
            float largest = expected[(row * 128)..((row + 1) * 128)].Max(MathF.Abs);
            for (int i = row * 128; i < (row + 1) * 128; i++)
                Assert.InRange(found[i] - expected[i], -MathF.Abs(expected[i]) / 16 - largest / 400_000, MathF.Abs(expected[i]) / 16 + largest / 400_000);
        }
    }

    [Theory]
    [InlineData(3)]         // few rows stay as they are
    [InlineData(32)]
    [InlineData(40)]
    public void A_product_is_that_of_the_rounded_numbers(int rows)
    {
        using var card = Narrow();
        var (x, weight) = (Random(card, 1, rows, 256).To(DataType.BF16), Random(card, 2, 80, 256).To(DataType.FP8));

        float[] found = x.Linear(weight).ToArray();

        var rounded = rows > 32 ? x.To(DataType.FP8).To(DataType.F32) : x.To(DataType.F32);
        Assert.InRange(Apart(Product(rounded.ToArray(), weight.To(DataType.F32).ToArray(), rows, 80, 256), found), 0, Tolerances.Bfloat16);
    }

    [Fact]
    public void The_gradient_of_the_input_is_near_that_of_the_rounded_weight()
    {
        using var card = Narrow();
        var weight = Random(card, 2, 80, 256).To(DataType.FP8);
        var x = Random(card, 1, 40, 256);
        x.RequiresGradient = true;
        var dy = Random(card, 3, 40, 80).To(DataType.BF16);

        using (TensorScope.Begin())
        {
            var y = x.Linear(weight);
            var twice = y + x.Linear(weight);        // the second one adds to the gradient
            twice.Backward(dy);
        }

        float[] w = weight.To(DataType.F32).ToArray(), turned = new float[w.Length];
        for (int o = 0; o < 80; o++)
            for (int i = 0; i < 256; i++)
                turned[i * 80 + o] = 2 * w[o * 256 + i];
        Assert.InRange(Apart(Product(dy.To(DataType.F32).ToArray(), turned, 40, 256, 80), x.Gradient!.ToArray()), 0, OfEightBits);
    }

    [Fact]
    public void A_processor_does_not_store_it()
    {
        using var cpu = new CpuBackend(1);

        Assert.False(cpu.Stores(DataType.FP8));
        Assert.Throws<NotSupportedException>(() => cpu.Zeros(new Shape(2, 16)).To(DataType.FP8));
    }

    private static float[] Product(float[] x, float[] w, int rows, int outputs, int inputs)
    {
        float[] y = new float[rows * outputs];
        for (int n = 0; n < rows; n++)
            for (int o = 0; o < outputs; o++)
                for (int i = 0; i < inputs; i++)
                    y[n * outputs + o] += x[n * inputs + i] * w[o * inputs + i];
        return y;
    }

    // ‖found − expected‖ / ‖expected‖
    private static double Apart(float[] expected, float[] found) => Math.Sqrt(
        expected.Zip(found).Sum(pair => Math.Pow(pair.Second - (double)pair.First, 2)) / expected.Sum(x => (double)x * x));

    private static Tensor Random(CudaBackend card, int seed, int rows, int columns) => card.From(Some.Floats(rows * columns, seed), new Shape(rows, columns));

    private static CudaBackend Narrow()
    {
        Assert.SkipWhen(Card.Missing is not null, Card.Missing ?? "");
        var card = new CudaBackend(Card.Options(DataType.BF16));
        if (!card.Stores(DataType.FP8))
        {
            card.Dispose();
            Assert.Skip("The card is too old for products of 8-bit floats.");
        }
        return card;
    }
}
