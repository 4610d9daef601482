namespace Cria.Tensors.Tests;

/// <summary>The device that a test makes its tensors on. There is no ambient one.</summary>
public sealed class TestDevice(Backend backend, Action? giveBack = null) : IDisposable
{
    /// <summary>The processor with a number of threads.</summary>
    public static TestDevice Cpu(int threads = 2) => new(new CpuBackend(threads));

    public Backend Backend => backend;

    /// <summary>A tensor of given numbers; without axes, a vector of them.</summary>
    public Tensor Tensor(ReadOnlySpan<float> numbers, params ReadOnlySpan<long> axes) =>
        backend.From(numbers, axes.Length == 0 ? new Shape(numbers.Length) : new Shape(axes));

    /// <summary>A tensor of random numbers between −1 and 1.</summary>
    public Tensor Random(int seed, params ReadOnlySpan<long> axes) => Random(seed, new Shape(axes));

    /// <inheritdoc cref="Random(int, ReadOnlySpan{long})"/>
    public Tensor Random(int seed, Shape shape) => backend.From(Some.Floats(checked((int)shape.Length), seed), shape);

    /// <summary>A random tensor that is trained.</summary>
    public Tensor Trained(int seed, params ReadOnlySpan<long> axes)
    {
        var tensor = Random(seed, axes);
        tensor.RequiresGradient = true;
        return tensor;
    }

    public override string ToString() => backend.Name;

    public void Dispose()
    {
        if (giveBack is null)
            backend.Dispose();
        else
            giveBack();
    }
}
