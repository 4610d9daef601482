namespace Cria.Tensors.Tests;

public class TensorScopeTests
{
    [Fact]
    public void Trimming_changes_no_bit_of_any_result()
    {
        using var device = TestDevice.Cpu();

        float[][] plain = Run(device, part => part(), out _);
        float[][] trimmed = Run(device, TensorScope.Trim, out _);

        Assert.Equal(plain, trimmed);
    }

    [Fact]
    public void Trimming_gives_back_what_no_backward_pass_reads()
    {
        using TestDevice device = TestDevice.Cpu(), other = TestDevice.Cpu();

        Run(device, part => part(), out long plain);
        Run(other, TensorScope.Trim, out long trimmed);

        Assert.InRange(trimmed, 1, 0.75 * plain);
    }

    [Fact]
    public void Without_gradients_only_the_result_of_a_part_stays()
    {
        using var device = TestDevice.Cpu();
        var x = device.Random(1, 1_000, 100);
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        Tensor? between = null;

        var y = TensorScope.Trim(() => (between = x + x) * 2f);

        Assert.Throws<ObjectDisposedException>(() => between!.ToArray().Length);
        Near.Equal(4 * x.ToArray()[7], y.ToArray()[7]);
    }

    [Fact]
    public void Outside_of_a_scope_a_part_just_runs()
    {
        using var device = TestDevice.Cpu();

        Near.Equal([2], TensorScope.Trim(() => device.Tensor([1]) * 2f));
    }

    [Fact]
    public void What_is_kept_outlives_the_scope_and_the_rest_does_not()
    {
        using var device = TestDevice.Cpu();
        Tensor kept, lost;

        using (var scope = TensorScope.Begin())
        {
            lost = device.Tensor([1, 2]);
            kept = scope.Keep(device.Tensor([3, 4]));
        }

        Near.Equal([3, 4], kept);
        Assert.Throws<ObjectDisposedException>(() => lost.ToArray().Length);
    }

    // Four blocks of a transformer with every op that a block has, and trained and frozen weights.
    private static float[][] Run(TestDevice device, Func<Func<Tensor>, Tensor> apply, out long memory)
    {
        var (x, frozen, trained, norm) = (device.Trained(1, 200, 32), device.Random(2, 32, 32), device.Trained(3, 32, 32), device.Trained(4, 32));
        var angles = Rotary.Angles(device.Backend, RotaryFrequencies.Plain(8, 100), [.. Enumerable.Range(0, 200)]);
        long before = device.Backend.MemoryBytes;
        using var scope = TensorScope.Begin();
        var y = x;
        for (int i = 0; i < 4; i++)
        {
            ulong seed = (ulong)i;
            y = apply(() => Block(y, frozen, trained, norm, angles, seed));
        }
        var loss = y.CrossEntropy(frozen, Some.Ints(200, 32, seed: 5), 1);
        memory = device.Backend.MemoryBytes - before;
        loss.Backward();
        return [[loss.Item()], x.Gradient!.ToArray(), trained.Gradient!.ToArray(), norm.Gradient!.ToArray()];
    }

    private static Tensor Block(Tensor x, Tensor frozen, Tensor trained, Tensor norm, Tensor angles, ulong seed)
    {
        var n = x.RmsNorm(norm, 1e-5f);
        var q = (n.Linear(frozen) + n.Dropout(0.1f, seed).Linear(trained) * 0.5f).Rotate(angles);
        var mixed = Tensor.Attend(q, n.Linear(frozen).Rotate(angles), n.Linear(frozen), 8, [new(0, 200, 0, 200)]);
        var h = x + mixed.Linear(frozen);
        return h + (Tensor.SiluMultiply(h.Linear(frozen), h.Linear(frozen)) * n.Softmax()).Linear(frozen);
    }
}
