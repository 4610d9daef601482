namespace Cria.Tensors.Tests;

public class MachineLimitsTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_limit_is_that_of_a_real_machine()
    {
        using var backend = new CpuBackend();

        var limits = MachineLimits.Measure(backend);

        output.WriteLine($"{limits.ReadBytesPerSecond / 1e9:F1} GB/s, {limits.FlopPerSecond / 1e9:F0} GFLOP/s, {limits.IntegerPerSecond / 1e9:F0} GOP/s");
        Assert.InRange(limits.ReadBytesPerSecond, 0.1e9, 1e13);
        Assert.InRange(limits.FlopPerSecond, 0.1e9, 1e15);
        Assert.InRange(limits.IntegerPerSecond, 0.1e9, 1e15);
    }
}
