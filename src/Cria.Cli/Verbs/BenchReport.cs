using System.Text.Json.Nodes;

namespace Cria.Cli.Verbs;

/// <summary>What <c>cria bench</c> found, as text and as JSON.</summary>
internal sealed record BenchReport(string Model, BenchLimits Limits, IReadOnlyList<BenchmarkResult> Results)
{
    public void Write(TextWriter to)
    {
        var columns = new Columns();
        columns.Add("model", Model);
        columns.Add("machine", Limits.Machine);
        columns.Add($"{Limits.Names.Memory} limit", $"{Limits.BytesPerSecond / 1e9:F1} GB/s");
        columns.Add($"{Limits.Names.Arithmetic} limit", $"{Limits.FlopPerSecond / 1e9:F0} GFLOP/s");
        if (Limits is ProcessorLimits processor)
            columns.Add("integer limit", $"{processor.IntegerPerSecond / 1e9:F0} GOP/s");
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
        ["machine"] = Limits.MachineAsJson(),
        ["limits"] = Limits.AsJson(),
        ["results"] = JsonAnswer.Array(Results, result => new JsonObject
        {
            ["test"] = result.Test,
            ["tokens_per_second"] = new JsonObject
            {
                ["median"] = result.Median,
                ["min"] = result.TokensPerSecond[0],
                ["max"] = result.TokensPerSecond[^1],
            },
            ["limit"] = (IsReading(result) ? Limits.Names.Memory : Limits.Names.Arithmetic).ToLowerInvariant(),
            ["share_of_limit"] = Share(result),
            ["resident_bytes"] = JsonAnswer.Array(result.ResidentBytes, bytes => bytes),
        }),
    };

    private double Share(BenchmarkResult result) => IsReading(result)
        ? result.Median * result.BytesPerToken / Limits.BytesPerSecond
        : result.Median * result.FlopPerToken / Limits.FlopPerSecond;

    private static bool IsReading(BenchmarkResult result) => result.BytesPerToken > 0;
}
