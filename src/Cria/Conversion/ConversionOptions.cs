using Cria.Checkpoints;

namespace Cria.Conversion;

/// <summary>How a model is converted.</summary>
public sealed record ConversionOptions
{
    /// <summary>The storage type of the matrices, one of <see cref="TypeMix.Names"/>.</summary>
    public string Type { get; set; } = TypeMix.Keep;

    /// <summary>Safetensors only: the most bytes of tensors in a file.</summary>
    public long MaxShardBytes { get; set; } = SafetensorsShards.DefaultBytes;

    /// <summary>Whether a file or folder that is there already is replaced.</summary>
    public bool Force { get; set; }

    /// <summary>Threads; 0 takes one for each core.</summary>
    public int Threads { get; set; }

    /// <summary>Told after each piece.</summary>
    public IProgress<ConversionProgress>? Progress { get; set; }
}

/// <summary>How far a conversion is.</summary>
/// <param name="Tensor">What is being written.</param>
/// <param name="Done">Numbers written so far.</param>
/// <param name="Total">Numbers to write in all.</param>
public readonly record struct ConversionProgress(string Tensor, long Done, long Total);
