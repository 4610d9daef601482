using System.Text.Json;

namespace Cria.Training;

/// <summary>What one optimizer step did: a line of <c>log.jsonl</c>.</summary>
public sealed record TrainingStep
{
    /// <summary>The number of the step, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>The mean of −ln p over the supervised tokens of the batch, before the step.</summary>
    public required double Loss { get; init; }

    /// <summary>The learning rate of the step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The norm of all gradients together, before clipping.</summary>
    public required double GradNorm { get; init; }

    /// <summary>Tokens that went through the model.</summary>
    public required int Tokens { get; init; }

    /// <summary>Those that the loss is the mean of.</summary>
    public required int SupervisedTokens { get; init; }

    /// <summary>Tokens divided by the time of the step, validation and checkpoint not counted.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>What the tensors of the device take.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>The mean of −ln p over the validation data after the step, where it was measured.</summary>
    public double? ValidationLoss { get; init; }

    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("step", Step);
        json.WriteNumber("loss", Loss);
        json.WriteNumber("learning_rate", LearningRate);
        json.WriteNumber("grad_norm", GradNorm);
        json.WriteNumber("tokens", Tokens);
        json.WriteNumber("supervised_tokens", SupervisedTokens);
        json.WriteNumber("tokens_per_second", Math.Round(TokensPerSecond, 1));
        json.WriteNumber("memory_bytes", MemoryBytes);
        if (ValidationLoss is { } loss)
            json.WriteNumber("validation_loss", loss);
        json.WriteEndObject();
    }
}
