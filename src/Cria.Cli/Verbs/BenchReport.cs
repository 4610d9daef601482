using System.Text.Json.Nodes;

namespace Cria.Cli.Verbs;

/// <summary>What <c>cria bench</c> found, as text and as JSON.</summary>
/// <param name="Model">What was measured.</param>
/// <param name="Limits">Medians of the limits, measured by turns with the tests: what shares are of.</param>
/// <param name="Most">The most that was seen of each limit.</param>
/// <param name="Results">The tests.</param>
internal sealed record BenchReport(string Model, BenchLimits Limits, BenchLimits Most, IReadOnlyList<BenchmarkResult> Results)
{
    public void Write(TextWriter to)
    {
        var columns = new Columns();
        columns.Add("model", Model);
        columns.Add("machine", Limits.Machine);
        columns.Add($"{Limits.Names.Memory} limit", $"{Limits.BytesPerSecond / 1e9:F1} GB/s (at most {Most.BytesPerSecond / 1e9:F1})");
        columns.Add($"{Limits.Names.Arithmetic} limit", $"{Limits.FlopPerSecond / 1e9:F0} GFLOP/s (at most {Most.FlopPerSecond / 1e9:F0})");
        if (Limits is ProcessorLimits processor && Most is ProcessorLimits most)
            columns.Add("integer limit", $"{processor.IntegerPerSecond / 1e9:F0} GOP/s (at most {most.IntegerPerSecond / 1e9:F0})");
        columns.Write(to);

        to.WriteLine();
        to.WriteLine($"{"test",-12}{"tokens/s",10}{"min",10}{"max",10}{"reached",16}{"of limit",10}{"of most",10}{"memory",10}");
        foreach (var result in Results)
        {
            string reached = IsReading(result) ? $"{result.Median * result.BytesPerToken / 1e9:F1} GB/s" : $"{result.Median * result.FlopPerToken / 1e9:F0} GFLOP/s";
            to.WriteLine($"{result.Test,-12}{result.Median,10:F1}{result.TokensPerSecond[0],10:F1}{result.TokensPerSecond[^1],10:F1}{reached,16}{Share(result, Limits),10:P0}{Share(result, Most),10:P0}{Bytes.Text(result.ResidentBytes.Max()),10}");
        }
    }

    public JsonObject AsJson() => new()
    {
        ["model"] = Model,
        ["machine"] = Limits.MachineAsJson(),
        ["limits"] = Limits.AsJson(),
        ["limits_at_most"] = Most.AsJson(),
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
            ["share_of_limit"] = Share(result, Limits),
            ["share_of_most"] = Share(result, Most),
            ["resident_bytes"] = JsonAnswer.Array(result.ResidentBytes, bytes => bytes),
        }),
    };

    private static double Share(BenchmarkResult result, BenchLimits limits) => IsReading(result)
        ? result.Median * result.BytesPerToken / limits.BytesPerSecond
        : result.Median * result.FlopPerToken / limits.FlopPerSecond;

    private static bool IsReading(BenchmarkResult result) => result.BytesPerToken > 0;
}
