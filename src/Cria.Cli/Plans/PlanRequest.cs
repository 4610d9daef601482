using System.Globalization;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Cli.Plans;

/// <summary>What <c>cria plan</c> was asked: its options as typed, checked all at once.</summary>
internal sealed record PlanRequest
{
    public const string AllShapes = "all";

    private static readonly Dictionary<string, double> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1e9, ["GB"] = 1e9, ["MB"] = 1e6, ["TB"] = 1e12, ["GiB"] = 1 << 30, ["MiB"] = 1 << 20,
    };

    public string? Model { get; init; }
    public IReadOnlyList<string> Shapes { get; init; } = [];
    public IReadOnlyList<string> Methods { get; init; } = [];
    public int? Rank { get; init; }
    public int Batch { get; init; } = 4;
    public int Length { get; init; } = 512;
    public int MicroBatch { get; init; } = 1;
    public IReadOnlyList<string> Types { get; init; } = [];
    public string Optimizer { get; init; } = new TrainingOptions().Optimizer;
    public bool Recompute { get; init; }
    public string? Card { get; init; }

    /// <summary>What training computes at, in GFLOP/s; null where this machine is to be measured.</summary>
    public double? Speed { get; init; }

    /// <summary>What the card holds, in bytes; null where none was named.</summary>
    public long? CardBytes => Card is null ? null : Size(Card);

    /// <summary>Seconds of one step at so many operations a second.</summary>
    public double StepSeconds(PlannedMethod method, TrainingSpeed speed) =>
        (Recompute ? method.Plan.RecomputedFlop : method.Plan.Flop) * (Batch / MicroBatch) / speed.FlopPerSecond;

    /// <summary>The names of the shapes meant, from the smallest to the largest of a kind as they are listed.</summary>
    public IReadOnlyList<string> ShapeNames => Shapes.Contains(AllShapes) ? [.. NamedShapes.All.Keys, .. NamedShapes.Counted.Keys] : Shapes;

    /// <summary>The methods meant, with the rank where one was given.</summary>
    public IEnumerable<MethodPreset> Presets()
    {
        foreach (var preset in MethodPreset.All().Where(preset => Methods.Count == 0 || Methods.Contains(preset.Name)))
        {
            if (Rank is { } rank)
                SetRank(preset.Options, rank);
            yield return preset;
        }
    }

    public void Validate(Problems problems)
    {
        problems.Unless(Model is null || Shapes.Count == 0, "MODEL, --shape: give one of them.");
        problems.Unless(Model is not null || Shapes.Count > 0, "MODEL: name a model, or a shape with --shape, such as --shape llama-3.1-8b; --shape all takes every one.");
        foreach (string shape in Shapes)
            ValidateShape(shape, problems);
        foreach (string method in Methods)
            problems.UnlessOneOf("--method", method, [.. MethodPreset.All().Select(preset => preset.Name)]);
        problems.Unless(Rank is null or (>= 1 and <= 65_536), $"--rank: must lie from 1 to 65536, got {Rank}.");
        problems.Unless(Rank is null || MethodPreset.All().Any(preset => (Methods.Count == 0 || Methods.Contains(preset.Name)) && SetRank(preset.Options, 1)) || Methods.Count == 0,
            $"--rank: {string.Join(", ", Methods)} has no rank.");
        problems.Unless(Batch >= 1, $"--batch: must be 1 or more, got {Batch}.");
        problems.Unless(MicroBatch >= 1, $"--micro-batch: must be 1 or more, got {MicroBatch}.");
        problems.Unless(Batch < 1 || MicroBatch < 1 || Batch % MicroBatch == 0, $"--batch: {Batch} is not a multiple of --micro-batch {MicroBatch}.");
        problems.Unless(Length >= 1, $"--length: must be 1 or more, got {Length}.");
        problems.Unless((long)MicroBatch * Length <= 1 << 24, $"--length: {MicroBatch} sequences of {Length} tokens at once are more than a pass can be.");
        foreach (string type in Types)
            problems.UnlessOneOf("--type", type, [.. DataType.All.Select(known => known.Name)]);
        problems.UnlessOneOf("--optimizer", Optimizer, TrainingOptions.Optimizers);
        problems.Unless(Card is null || Size(Card) is not null, $"--card: expected a size such as 24GB or 80GiB, got '{Card}'.");
        problems.Unless(Speed is null or (> 0 and < 1e12), $"--gflops: must be a positive number, got {Speed}.");
    }

    /// <summary>Adds what a shape of so many positions cannot do.</summary>
    public void ValidateContext(string name, LlamaConfig config, Problems problems) => problems.Unless(
        Length <= config.ContextLength, $"--length: {Length} is longer than the context of {name}, {config.ContextLength} tokens.");

    private void ValidateShape(string shape, Problems problems)
    {
        if (NamedShapes.Unpublished.TryGetValue(shape, out string? known))
            problems.Add($"--shape: {shape}: {known}");
        else
            problems.UnlessOneOf("--shape", shape, [.. NamedShapes.All.Keys, .. NamedShapes.Counted.Keys, AllShapes]);
        if (NamedShapes.All.TryGetValue(shape, out var config))
            ValidateContext(shape, config, problems);
        problems.Unless(!NamedShapes.Counted.ContainsKey(shape) || (Methods.Count == 0 && Rank is null),
            $"--method, --rank: {shape} is counted only: this version trains dense decoders. Leave the option out.");
    }

    private static bool SetRank(PeftOptions options, int rank)
    {
        switch (options)
        {
            case LoraOptions lora:
                lora.Rank = rank;
                return true;
            case ExcitorOptions excitor:
                excitor.Rank = rank;
                return true;
            case LlamaAdapterV2Options { LoraRank: > 0 } v2:
                v2.LoraRank = rank;
                return true;
            default:
                return false;
        }
    }

    private static long? Size(string text)
    {
        string number = text.TrimEnd([.. "GMTiBgmtb "]);
        return Units.TryGetValue(text[number.Length..].Trim(), out double unit)
            && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double size) && size > 0 && size < 1e9
            ? (long)(size * unit)
            : null;
    }
}
