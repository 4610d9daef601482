namespace Cria.Tensors.Tests;

/// <summary>The promise that results do not depend on how many threads compute them.</summary>
internal static class AnyThreads
{
    /// <summary>Runs a computation, its backward pass included, with 1, 2 and 3 threads and compares every bit of the results.</summary>
    public static void GiveTheSameBits(Func<TestDevice, Tensor[]> compute)
    {
        float[][] expected = Run(1, compute);

        Assert.Equal(expected, Run(2, compute));
        Assert.Equal(expected, Run(3, compute));
    }

    private static float[][] Run(int threads, Func<TestDevice, Tensor[]> compute)
    {
        using var device = TestDevice.Cpu(threads);
        using var scope = TensorScope.Begin();
        return [.. compute(device).Select(t => t.ToArray())];
    }
}
