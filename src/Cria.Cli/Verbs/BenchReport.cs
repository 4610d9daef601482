using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Cli.Verbs;

/// <summary>What <c>cria bench</c> found, as text and as JSON.</summary>
internal sealed record BenchReport(string Model, CpuBackend Device, MachineLimits Limits, IReadOnlyList<BenchmarkResult> Results)
{
    private double ReadGigabytes => Limits.ReadBytesPerSecond / 1e9;
    private double FmaGigaflops => Limits.FlopPerSecond / 1e9;
    private double IntegerGigaops => Limits.IntegerPerSecond / 1e9;

    public void Write(TextWriter to)
    {
        var columns = new Columns();
        columns.Add("model", Model);
        columns.Add("machine", $"{Examination.Processor}, {Device.Threads} threads");
        columns.Add("read limit", $"{ReadGigabytes:F1} GB/s");
        columns.Add("FMA limit", $"{FmaGigaflops:F0} GFLOP/s");
        columns.Add("integer limit", $"{IntegerGigaops:F0} GOP/s");
        columns.Write(to);

        to.WriteLine();
        to.WriteLine($"{"test",-12}{"tokens/s",10}{"min",10}{"max",10}{"reached",16}{"of limit",10}{"memory",10}");
        foreach (var result in Results)
        {
            string reached = IsReading(result) ? $"{result.Median * result.BytesPerToken / 1e9:F1} GB/s" : $"{result.Median * result.FlopPerToken / 1e9:F0} GFLOP/s";
            to.WriteLine($"{result.Test,-12}{result.Median,10:F1}{result.TokensPerSecond[0],10:F1}{result.TokensPerSecond[^1],10:F1}{reached,16}{Share(result),10:P0}{Bytes.Text(result.ResidentBytes.Max()),10}");
        }
    }

    public JsonObject AsJson() => new()
    {
        ["model"] = Model,
        ["machine"] = new JsonObject { ["processor"] = Examination.Processor, ["threads"] = Device.Threads, ["device"] = Device.Name },
        ["limits"] = new JsonObject { ["read_gbps"] = ReadGigabytes, ["fma_gflops"] = FmaGigaflops, ["integer_gops"] = IntegerGigaops },
        ["results"] = JsonAnswer.Array(Results, result => new JsonObject
        {
            ["test"] = result.Test,
            ["tokens_per_second"] = new JsonObject
            {
                ["median"] = result.Median,
                ["min"] = result.TokensPerSecond[0],
                ["max"] = result.TokensPerSecond[^1],
            },
            ["limit"] = IsReading(result) ? "read" : "fma",
            ["share_of_limit"] = Share(result),
            ["resident_bytes"] = JsonAnswer.Array(result.ResidentBytes, bytes => bytes),
        }),
    };

    private double Share(BenchmarkResult result) => IsReading(result)
        ? result.Median * result.BytesPerToken / Limits.ReadBytesPerSecond
        : result.Median * result.FlopPerToken / Limits.FlopPerSecond;

    private static bool IsReading(BenchmarkResult result) => result.BytesPerToken > 0;
}
