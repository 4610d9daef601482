using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>How rotary frequencies are stretched so that a model reads further than it was first trained to.</summary>
public abstract record RotaryScaling
{
    /// <summary>The stretched frequencies.</summary>
    public abstract float[] Apply(float[] frequencies);

    /// <summary>The <c>rope_scaling</c> entry of a <c>config.json</c>.</summary>
    public abstract JsonObject ToJson();
}

/// <summary>Every frequency divided by one factor.</summary>
/// <remarks>Chen et al. 2023, <see href="https://arxiv.org/abs/2306.15595"/>.</remarks>
public sealed record LinearRotaryScaling(float Factor) : RotaryScaling
{
    /// <inheritdoc/>
    public override float[] Apply(float[] frequencies) => RotaryFrequencies.Linear(frequencies, Factor);

    /// <inheritdoc/>
    public override JsonObject ToJson() => new() { ["rope_type"] = "linear", ["factor"] = Factor };
}

/// <summary>Llama 3.1's scaling: slow turns are divided by a factor, fast ones kept, a band between blends the two.</summary>
/// <remarks>Grattafiori et al. 2024, section 3.2, <see href="https://arxiv.org/abs/2407.21783"/>; constants from Meta's llama-models.</remarks>
public sealed record Llama3RotaryScaling(float Factor, float LowFrequencyFactor, float HighFrequencyFactor, int OriginalContext) : RotaryScaling
{
    /// <inheritdoc/>
    public override float[] Apply(float[] frequencies) =>
        RotaryFrequencies.Llama3(frequencies, Factor, LowFrequencyFactor, HighFrequencyFactor, OriginalContext);

    /// <inheritdoc/>
    public override JsonObject ToJson() => new()
    {
        ["rope_type"] = "llama3",
        ["factor"] = Factor,
        ["low_freq_factor"] = LowFrequencyFactor,
        ["high_freq_factor"] = HighFrequencyFactor,
        ["original_max_position_embeddings"] = OriginalContext,
    };
}
