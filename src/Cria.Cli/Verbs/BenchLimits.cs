using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Cli.Verbs;

/// <summary>What the device that is measured can do at most, and what its limits are called.</summary>
internal abstract record BenchLimits(double BytesPerSecond, double FlopPerSecond)
{
    /// <summary>The machine, for people.</summary>
    public abstract string Machine { get; }

    /// <summary>Names of the limit of memory and of that of arithmetic.</summary>
    public abstract (string Memory, string Arithmetic) Names { get; }

    public static BenchLimits Measure(Backend device)
    {
        if (device is CudaBackend card)
        {
            var limits = CudaLimits.Measure(card);
            return new CardLimits(card.Name, card.Model, limits.CopyBytesPerSecond, limits.FlopPerSecond);
        }
        var cpu = (CpuBackend)device;
        var found = MachineLimits.Measure(cpu);
        return new ProcessorLimits(cpu.Threads, found.ReadBytesPerSecond, found.FlopPerSecond, found.IntegerPerSecond);
    }

    /// <summary>The middle one of each limit.</summary>
    public virtual BenchLimits Median(IReadOnlyCollection<BenchLimits> all) => this with
    {
        BytesPerSecond = Middle(all.Select(one => one.BytesPerSecond)),
        FlopPerSecond = Middle(all.Select(one => one.FlopPerSecond)),
    };

    /// <summary>The larger one of each limit.</summary>
    public virtual BenchLimits Better(BenchLimits other) => this with
    {
        BytesPerSecond = Math.Max(BytesPerSecond, other.BytesPerSecond),
        FlopPerSecond = Math.Max(FlopPerSecond, other.FlopPerSecond),
    };

    public abstract JsonObject MachineAsJson();

    public abstract JsonObject AsJson();

    protected static double Middle(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return sorted[sorted.Length / 2];
    }
}

internal sealed record ProcessorLimits(int Threads, double BytesPerSecond, double FlopPerSecond, double IntegerPerSecond)
    : BenchLimits(BytesPerSecond, FlopPerSecond)
{
    public override BenchLimits Median(IReadOnlyCollection<BenchLimits> all) =>
        (ProcessorLimits)base.Median(all) with { IntegerPerSecond = Middle(all.Select(one => ((ProcessorLimits)one).IntegerPerSecond)) };

    public override BenchLimits Better(BenchLimits other) =>
        (ProcessorLimits)base.Better(other) with { IntegerPerSecond = Math.Max(IntegerPerSecond, ((ProcessorLimits)other).IntegerPerSecond) };

    public override string Machine => $"{Examination.Processor}, {Threads} threads";

    public override (string Memory, string Arithmetic) Names => ("read", "FMA");

    public override JsonObject MachineAsJson() => new() { ["processor"] = Examination.Processor, ["threads"] = Threads, ["device"] = "cpu" };

    public override JsonObject AsJson() => new() { ["read_gbps"] = BytesPerSecond / 1e9, ["fma_gflops"] = FlopPerSecond / 1e9, ["integer_gops"] = IntegerPerSecond / 1e9 };
}

internal sealed record CardLimits(string Name, string Model, double BytesPerSecond, double FlopPerSecond) : BenchLimits(BytesPerSecond, FlopPerSecond)
{
    public override string Machine => $"{Name}, {Model}";

    public override (string Memory, string Arithmetic) Names => ("copy", "bf16");

    public override JsonObject MachineAsJson() => new() { ["processor"] = Examination.Processor, ["device"] = Name, ["card"] = Model };

    public override JsonObject AsJson() => new() { ["copy_tbps"] = BytesPerSecond / 1e12, ["bf16_tflops"] = FlopPerSecond / 1e12 };
}
