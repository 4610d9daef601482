using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Planning;

/// <summary>What training a model of some shape with some method takes.</summary>
/// <param name="Config">The shape of the base.</param>
/// <param name="TrainedCount">How many numbers are trained.</param>
/// <param name="FileBytes">The adapter's file; a whole model in bf16 where every weight is trained.</param>
/// <param name="StateBytes">Trained tensors with their gradients and the optimizer's state, f32.</param>
/// <param name="Flop">Floating-point operations of one pass forward and backward over the micro-batch, without recomputation.</param>
public sealed record MethodPlan(LlamaConfig Config, long TrainedCount, long FileBytes, long StateBytes, double Flop)
{
    /// <summary>What a pass over the micro-batch takes beyond weights and <see cref="StateBytes"/>, at most.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>The same when each layer is computed again in the backward pass instead of being kept.</summary>
    public required long RecomputedActivationBytes { get; init; }

    /// <summary>Floating-point operations of the same pass with what is computed again.</summary>
    public required double RecomputedFlop { get; init; }

    /// <summary>The tensors of the base in whose place trained copies stand.</summary>
    internal IReadOnlySet<string> Replaced { get; init; } = new HashSet<string>();

    /// <summary>The share of the base's parameters that is trained.</summary>
    public double Share => (double)TrainedCount / Config.ParameterCount;

    /// <summary>Whether this leaves nothing of the base frozen.</summary>
    public bool TrainsEverything => TrainedCount >= Config.ParameterCount;

    /// <summary>The bytes of the base that a pass reads: not of weights in whose place trained copies stand.</summary>
    /// <param name="type">How its linear layers are stored: <see cref="Planning.WeightBytes.TypeOf"/>.</param>
    public long WeightBytes(DataType type) => Planning.WeightBytes.Of(Config, type, Replaced);

    /// <summary>The same for a base that is there, as it is stored.</summary>
    /// <param name="stored">The tensors of its checkpoint.</param>
    /// <param name="type">What its linear layers are brought to at load; null where they stay as they are.</param>
    public long WeightBytes(IEnumerable<TensorInfo> stored, DataType? type = null)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return stored.Where(tensor => !Replaced.Contains(tensor.Name)).Sum(tensor =>
            (type is not null && LlamaShapes.IsLinear(tensor.Name) ? type : tensor.Type)?.Bytes(tensor.Shape.Length) ?? 0);
    }

    /// <summary>State and activations: all that is needed beside the base.</summary>
    /// <param name="recompute">Whether layers are computed again.</param>
    public long BytesBesideBase(bool recompute) => StateBytes + (recompute ? RecomputedActivationBytes : ActivationBytes);
}
