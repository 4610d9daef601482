using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>Random weights of a given shape: a model before its first training step, or one to measure with.</summary>
/// <remarks>
/// Matrices are normal with deviation 0.02, those that end a residual branch 0.02 / √(2 L), so that the sum of the branches keeps its
/// size (Radford et al. 2019, section 2.3); norms are 1.
/// </remarks>
public sealed class RandomCheckpoint : Checkpoint
{
    private const float Deviation = 0.02f;

    private readonly LlamaConfig config;
    private readonly ulong seed;
    private readonly Dictionary<string, TensorInfo> tensors;

    /// <summary>Weights that are made when they are asked for.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="type">How matrices are stored; under a quantised type the embedding and the head are bf16. Norms are f32.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    public RandomCheckpoint(LlamaConfig config, Backend device, DataType type, ulong seed)
        : base("random weights", device)
    {
        ArgumentNullException.ThrowIfNull(config);
        (this.config, this.seed) = (config, seed);
        tensors = LlamaShapes.Of(config).ToDictionary(
            tensor => tensor.Name, tensor => new TensorInfo(tensor.Name, type, type.Name, tensor.Shape, Name));
        Config = config.ToJson();
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <inheritdoc/>
    public override JsonObject Config { get; }

    /// <inheritdoc/>
    public override string ConfigName => "the named shape";

    /// <inheritdoc/>
    public override string Format => "random numbers";

    /// <inheritdoc/>
    protected override Tensor Load(TensorInfo info, DataType type)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (info.Name.EndsWith("norm.weight", StringComparison.Ordinal))
            return Device.From(Enumerable.Repeat(1f, (int)info.Shape.Length).ToArray(), info.Shape);
        bool endsBranch = info.Name.EndsWith("o_proj.weight", StringComparison.Ordinal) || info.Name.EndsWith("down_proj.weight", StringComparison.Ordinal);
        float deviation = endsBranch ? Deviation / MathF.Sqrt(2 * config.Layers) : Deviation;
        using var scope = TensorScope.Begin();
        var numbers = Device.Normal(info.Shape, deviation, RandomSource.Mix(seed, (ulong)tensors.Keys.ToList().IndexOf(info.Name)));
        return scope.Keep(numbers.To(type.IsFloat || info.Name.Contains("proj", StringComparison.Ordinal) ? type : DataType.BF16));
    }

    /// <inheritdoc/>
    protected override Storage Bytes(TensorInfo info) => throw new NotSupportedException("Random weights have no file.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
