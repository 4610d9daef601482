using System.Text.Json.Nodes;

namespace Cria.Cli.Comparing;

/// <summary>What came of one method.</summary>
internal sealed record ComparedMethod
{
    public required string Name { get; init; }
    public required double LearningRate { get; init; }
    public required long TrainedParameters { get; init; }
    public required double Share { get; init; }

    /// <summary>Steps of its run.</summary>
    public int Steps { get; init; }

    /// <summary>The files of the adapter, or of the whole model, in bytes.</summary>
    public long FileBytes { get; init; }

    /// <summary>The most that tensors of the run took, the base included.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The median of its steps.</summary>
    public double TokensPerSecond { get; init; }

    public double? Loss { get; init; }
    public double? ValidationLoss { get; init; }

    /// <summary>The share of right answers, or the perplexity of the validation data.</summary>
    public double? Before { get; init; }
    public double? After { get; init; }

    /// <summary>Why there is no result, where the run failed.</summary>
    public string? Failure { get; init; }

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["learning_rate"] = LearningRate,
        ["steps"] = Steps,
        ["trained_parameters"] = TrainedParameters,
        ["share"] = Share,
        ["file_bytes"] = FileBytes,
        ["memory_bytes"] = MemoryBytes,
        ["tokens_per_second"] = Math.Round(TokensPerSecond, 1),
        ["loss"] = Loss,
        ["validation_loss"] = ValidationLoss,
        ["before"] = Before,
        ["after"] = After,
        ["failure"] = Failure,
    };
}
