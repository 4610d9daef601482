namespace Cria.Tensors.Tests;

public class LowRankTests
{
    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var x = device.Tensor([1, 2, 3, 4], 2, 2);
        var weight = device.Tensor([1, 0, 0, 1, 1, -1], 3, 2);
        var a = device.Tensor([1, 1], 1, 2);
        var b = device.Tensor([1, 0, -2], 3, 1);

        var y = x.LinearWithLowRank(weight, x, a, b, scale: 0.5f);

        // x Wᵀ = (1 2 −1), (3 4 −1);  x Aᵀ / 2 = 1.5, 3.5.
        Near.Equal([2.5f, 2, -4, 6.5f, 4, -8], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device) =>
        Gradient.Check(
            device, t => t[0].LinearWithLowRank(t[1], t[0], t[2], t[3], 0.7f), new Shape(9, 5), new Shape(6, 5), new Shape(2, 5), new Shape(6, 2));

    [Theory, OnEveryDevice]
    public void Backward_of_another_input_of_the_low_rank_matches_finite_differences(TestDevice device) =>
        Gradient.Check(
            device, t => t[0].LinearWithLowRank(t[1], t[4], t[2], t[3], 0.7f), new Shape(9, 5), new Shape(6, 5), new Shape(2, 5), new Shape(6, 2), new Shape(9, 5));

    [Theory, OnEveryDevice]
    public void It_is_what_its_parts_are_together(TestDevice device)
    {
        var x = device.Random(seed: 1, 20, 33);
        var weight = device.Random(seed: 2, 17, 33);
        var (a, b) = (device.Random(seed: 3, 4, 33), device.Random(seed: 4, 17, 4));

        var y = x.LinearWithLowRank(weight, x, a, b, scale: 2);

        var parts = x.Linear(weight) + (x.Linear(a) * 2).Linear(b);
        Near.Equal(parts, y, Tolerances.LongSums);
    }

    // Depths of one run of terms and of several; outputs and rows that fill tiles and that do not; ranks that ride along and one that does not.
    [Theory]
    [InlineData("f32", 20, 33, 17, 4)]
    [InlineData("f32", 96, 512, 64, 8)]
    [InlineData("q8_0", 13, 288, 70, 16)]
    [InlineData("q4_k", 50, 512, 32, 8)]
    [InlineData("nf4", 97, 320, 48, 64)]
    [InlineData("bf16", 9, 300, 33, 65)]
    public void Riding_along_with_the_large_product_changes_no_bit(string type, int rows, int inputs, int outputs, int rank)
    {
        using var device = TestDevice.Cpu();
        using var off = Gradients.Off();
        var (x, narrow, b) = (device.Random(seed: 1, rows, inputs), device.Random(seed: 2, rows, rank), device.Random(seed: 3, outputs, rank));
        var weight = device.Random(seed: 4, outputs, inputs).To(DataType.Parse(type)!).ForProducts();
        var y = device.Backend.Empty(new Shape(rows, outputs));

        device.Backend.LinearWithLowRank(x, weight, narrow, b, y);

        var parts = x.Linear(weight);
        device.Backend.LinearAdd(narrow, b, parts);
        Assert.Equal(parts.Floats(), y.Floats());
    }

    [Theory]
    [InlineData("f32", 20, 33, 17, 4)]
    [InlineData("q8_0", 96, 256, 70, 8)]
    [InlineData("nf4", 97, 320, 48, 64)]
    public void The_gradient_of_the_input_is_that_of_both_products(string type, int rows, int inputs, int outputs, int rank)
    {
        using var device = TestDevice.Cpu();
        var (x, dy) = (device.Trained(seed: 1, rows, inputs), device.Random(seed: 2, rows, outputs));
        var (a, b) = (device.Random(seed: 3, rank, inputs), device.Random(seed: 4, outputs, rank));
        var weight = device.Random(seed: 5, outputs, inputs).To(DataType.Parse(type)!);

        using (TensorScope.Begin())
            x.LinearWithLowRank(weight, x, a, b, scale: 2).Backward(dy);
        float[] together = x.Gradient!.ToArray();
        x.ZeroGradient();
        using (TensorScope.Begin())
            (x.Linear(weight) + (x.Linear(a) * 2).Linear(b)).Backward(dy);

        Near.Equal(x.Gradient!, device.Tensor(together, rows, inputs), Tolerances.LongSums);
    }
}
