namespace Cria.Tensors.Tests.Ops;

public class RecomputeTests
{
    [Fact]
    public void Results_and_gradients_are_those_without_it_bit_for_bit()
    {
        using var device = TestDevice.Cpu();

        float[][] plain = Run(device, trainedInput: true, (x, block) => block(x));
        float[][] recomputed = Run(device, trainedInput: true, (x, block) => Tensor.Recompute(x, block));

        Assert.Equal(plain, recomputed);
    }

    [Fact]
    public void Parameters_inside_are_found_where_the_input_is_frozen()
    {
        using var device = TestDevice.Cpu();

        float[][] plain = Run(device, trainedInput: false, (x, block) => block(x));
        float[][] recomputed = Run(device, trainedInput: false, (x, block) => Tensor.Recompute(x, block));

        Assert.Equal(plain, recomputed);
    }

    [Theory, OnEveryDevice]
    public void What_is_kept_may_wait_in_host_memory(TestDevice device)
    {
        float[][] recomputed = Run(device, trainedInput: true, (x, block) => Tensor.Recompute(x, block));
        float[][] parked = Run(device, trainedInput: true, (x, block) => Tensor.Recompute(x, block, parks: true));

        Assert.Equal(recomputed, parked);
    }

    [Theory, OnEveryDevice]
    public void On_a_card_it_takes_no_memory_of_the_card(TestDevice device)
    {
        Assert.SkipUnless(device.Backend is CudaBackend, "The memory of a processor is the host's.");
        const int Kept = 12, Bytes = 4 << 20;
        var x = device.Trained(1, Bytes / 4096, 1024);
        long before = device.Backend.MemoryBytes;

        using (TensorScope.Begin())
        {
            var y = x;
            for (int i = 0; i < Kept; i++)
                y = Tensor.Recompute(y, t => t * 0.5f, parks: true);
            Assert.InRange(device.Backend.MemoryBytes - before, 0, 6L * Bytes);
            y.Backward(device.Backend.From(Enumerable.Repeat(1f, (int)y.Shape.Length).ToArray(), y.Shape));
        }

        Assert.All(x.Gradient!.ToArray(), number => Assert.Equal(MathF.Pow(0.5f, Kept), number));
    }

    [Fact]
    public void Nothing_is_recorded_where_nothing_is_trained()
    {
        using var device = TestDevice.Cpu();
        var x = device.Random(1, 2, 3);

        using var scope = TensorScope.Begin();

        Assert.False(Tensor.Recompute(x, t => t * 2).RequiresGradient);
    }

    [Fact]
    public void A_function_that_returns_its_input_passes_the_gradient_through()
    {
        using var device = TestDevice.Cpu();

        Gradient.Check(device, t => Tensor.Recompute(t[0] * 2, x => x) + t[0], new Shape(2, 3));
    }

    [Fact]
    public void Only_the_result_of_the_function_stays_in_memory()
    {
        using var device = TestDevice.Cpu();
        var x = device.Trained(1, 1_000, 100);
        long before = device.Backend.MemoryBytes;

        using var scope = TensorScope.Begin();
        var y = x;
        for (int i = 0; i < 10; i++)
            y = Tensor.Recompute(y, t => t * 0.5f * 2f * t * 0.1f);

        // Ten results, and the four tensors that one function makes.
        Assert.InRange(device.Backend.MemoryBytes - before, 10 * 400_000, 15 * 460_000);
    }

    private static float[][] Run(TestDevice device, bool trainedInput, Func<Tensor, Func<Tensor, Tensor>, Tensor> apply)
    {
        var (x, w, norm) = (device.Random(1, 6, 8), device.Trained(2, 8, 8), device.Trained(3, 8));
        x.RequiresGradient = trainedInput;
        using var scope = TensorScope.Begin();
        var y = x;
        for (int i = 0; i < 3; i++)
        {
            ulong seed = (ulong)i;
            y = apply(y, t => t + t.RmsNorm(norm, 1e-5f).Linear(w).Dropout(0.3f, seed));
        }
        var loss = y.CrossEntropy(w, [1, 2, 3, 4, Tensor.NoTarget, 0], 1);
        loss.Backward();
        float[] dx = trainedInput ? x.Gradient!.ToArray() : [];
        return [[loss.Item()], dx, w.Gradient!.ToArray(), norm.Gradient!.ToArray()];
    }
}
