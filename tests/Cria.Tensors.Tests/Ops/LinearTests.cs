namespace Cria.Tensors.Tests;

public class LinearTests
{
    public static TheoryData<string> Types => [.. DataType.All.Select(type => type.Name)];

    // Rows that take each path: one token, a few, and tiles; outputs from LoRA's rank to several parts.
    public static TheoryData<string, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, int, int>();
            foreach (var type in DataType.All)
                foreach (int rows in new[] { 1, 2, 7, 9, 50 })
                    foreach (int outputs in new[] { 1, 8, 70 })
                        cases.Add(type.Name, rows, outputs, Math.Max(5 * 64, 3 * type.BlockLength));
            foreach (int rows in new[] { 1, 3, 33 })
                foreach (int inputs in new[] { 1, 7, 16, 67 })
                    cases.Add("bf16", rows, 19, inputs);
            return cases;
        }
    }

    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var x = device.Tensor([1, 2, 3, 4], 2, 2);
        var weight = device.Tensor([1, 0, 0, 1, 1, -1], 3, 2);

        var y = x.Linear(weight);

        Assert.Equal(new Shape(2, 3), y.Shape);
        Near.Equal([1, 2, -1, 3, 4, -1], y);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_type_and_size_agrees_with_the_plain_sum(string type, int rows, int outputs, int inputs)
    {
        using var device = TestDevice.Cpu();
        var x = device.Random(seed: 1, rows, inputs);
        var weight = device.Random(seed: 2, outputs, inputs).To(DataType.Parse(type)!);

        var y = x.Linear(weight);

        bool integers = (rows <= 3 || rows > 8 && outputs > 16) && type is not ("f32" or "f16" or "bf16" or "nf4" or "nf4-dq" or "fp4");
        Near.Equal(Plain(x, weight.To(DataType.F32)), y, integers ? Tolerances.WideActivations : Tolerances.LongSums);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_frozen_weight_of_any_type_passes_the_gradient_through(string type, int rows, int outputs, int inputs)
    {
        using var device = TestDevice.Cpu();
        var x = device.Trained(seed: 1, rows, inputs);
        var weight = device.Random(seed: 2, outputs, inputs).To(DataType.Parse(type)!);
        var dy = device.Random(seed: 3, rows, outputs);

        using (TensorScope.Begin())
            x.Linear(weight).Backward(dy);

        var w = weight.To(DataType.F32);
        var turned = device.Backend.Empty(new Shape(inputs, outputs));
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
                turned.Row(i)[o] = w.Row(o)[i];
        }
        Near.Equal(Plain(dy, turned), x.Gradient!, Tolerances.LongSums);
    }

    [Theory]
    [InlineData(1, "q4_k", "q4_k", "q6_k")]
    [InlineData(3, "q8_0", "bf16", "q8_0")]
    [InlineData(8, "q4_0", "q8_0", "q4_0")]
    [InlineData(8, "q4_0", "f32", "nf4")]
    [InlineData(2, "f32", "f16", "q4_1")]
    public void Several_matrices_of_the_same_rows_are_bit_for_bit_as_each_alone(int rows, string first, string second, string third)
    {
        using var device = TestDevice.Cpu();
        using var off = Gradients.Off();
        var x = device.Random(seed: 1, rows, 512);
        var (outputs, types) = (new[] { 72, 8, 21 }, new[] { first, second, third });
        Tensor[] weights = [.. types.Select((type, i) => device.Random(seed: 2 + i, outputs[i], 512).To(DataType.Parse(type)!).ForProducts())];

        var together = x.LinearEach(weights);

        Assert.All(together, (y, i) => Assert.Equal(x.Linear(weights[i]).Floats(), y.Floats()));
    }

    [Theory, OnEveryDevice]
    public void Several_matrices_pass_gradients_where_they_are_recorded(TestDevice device)
    {
        Gradient.Check(device, t =>
        {
            var both = t[0].LinearEach(t[1], t[2]);
            return Tensor.SiluMultiply(both[0], both[1]);
        }, new Shape(3, 5), new Shape(4, 5), new Shape(4, 5));
    }

    [Theory, OnEveryDevice]
    public void Several_matrices_must_all_fit(TestDevice device)
    {
        using var off = Gradients.Off();
        var x = device.Random(seed: 1, 2, 16);
        Assert.Throws<ShapeException>(() => x.LinearEach(device.Random(seed: 2, 4, 16), device.Random(seed: 3, 4, 8)));
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => t[0].Linear(t[1]), new Shape(3, 5), new Shape(4, 5));
        Gradient.Check(device, t => t[0].Linear(t[1]), new Shape(10, 19), new Shape(2, 19));
        Gradient.Check(device, t => t[0].Linear(t[1]), new Shape(10, 2), new Shape(21, 2));
        Gradient.Check(device, t => t[0].Linear(t[1]), new Shape(9, 18), new Shape(20, 18));
    }

    [Theory]
    [InlineData(1, 64, 640)]
    [InlineData(5, 100, 300)]
    [InlineData(400, 8, 130)]
    [InlineData(400, 130, 8)]
    [InlineData(400, 130, 300)]
    public void Any_number_of_threads_gives_the_same_bits(int rows, int outputs, int inputs) => AnyThreads.GiveTheSameBits(device =>
    {
        var (x, weight) = (device.Trained(1, rows, inputs), device.Trained(2, outputs, inputs));
        var y = x.Linear(weight);
        var copy = device.Tensor(y.ToArray(), rows, outputs);
        y.Backward(device.Random(3, rows, outputs));
        return [copy, x.Gradient!, weight.Gradient!];
    });

    [Theory, MemberData(nameof(Types))]
    public void Any_number_of_threads_gives_the_same_bits_over_any_type(string type) => AnyThreads.GiveTheSameBits(device =>
    {
        var x = device.Trained(1, 250, 512);
        var y = x.Linear(device.Random(2, 140, 512).To(DataType.Parse(type)!));
        var copy = device.Tensor(y.Floats(), 250, 140);
        y.Backward(device.Random(3, 250, 140));
        return [copy, x.Gradient!];
    });

    [Theory, OnEveryDevice]
    public void A_weight_of_any_type_is_read_in_place_by_few_rows_and_by_many(TestDevice device)
    {
        foreach (var type in DataType.All)
        {
            foreach (var (rows, outputs, inputs) in new[] { (1, 70, 512), (7, 33, 256), (40, 48, 512) })
            {
                var x = device.Random(seed: 1, rows, inputs);
                var stored = device.Random(seed: 2, outputs, inputs).On(device.Backend.Host).To(type);
                var y = x.Linear(stored.On(device.Backend));
                Near.Equal(Plain(x, stored.To(DataType.F32)), y, type == DataType.F32 || device.Backend.Host != device.Backend ? Tolerances.LongSums : Tolerances.WideActivations);
            }
        }
    }

    [Theory, OnEveryDevice]
    public void A_wrong_width_is_named(TestDevice device)
    {
        var thrown = Assert.Throws<ShapeException>(() => device.Random(1, 2, 3).Linear(device.Random(2, 4, 5)));

        Assert.Equal("[Linear] the columns of x for a weight of [4, 5]: expected 5, found 3.", thrown.Message);
    }

    private static float[] Plain(Tensor x, Tensor weight)
    {
        (x, weight) = (x.On(x.Device.Host), weight.On(weight.Device.Host));
        var y = new float[x.Shape.Rows * weight.Shape.Rows];
        for (int n = 0; n < x.Shape.Rows; n++)
        {
            for (int o = 0; o < weight.Shape.Rows; o++)
            {
                double sum = 0;
                for (int i = 0; i < x.Shape.Columns; i++)
                    sum += (double)x.Row(n)[i] * weight.Row(o)[i];
                y[n * weight.Shape.Rows + o] = (float)sum;
            }
        }
        return y;
    }
}
