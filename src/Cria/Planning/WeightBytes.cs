using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Planning;

/// <summary>What the weights of a base take in memory.</summary>
public static class WeightBytes
{
    /// <summary>
    /// The storage type of a tensor of a base whose linear layers have this one: formats of blocks are for the linear layers of the decoder's
    /// blocks alone; embedding, head and norms are bf16 beside them, as QLoRA leaves them.
    /// </summary>
    public static DataType TypeOf(string tensor, DataType type)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(type);
        return type.IsFloat || LlamaShapes.IsLinear(tensor) ? type : DataType.BF16;
    }

    /// <summary>What a base that is there holds of its files while an adapter is trained: not what was brought to another type at load, nor what trained copies stand for.</summary>
    /// <param name="checkpoint">The base.</param>
    /// <param name="adapter">What is trained over it.</param>
    /// <param name="loadedAs">The type that its linear layers were brought to; null where they stay as they are.</param>
    public static long Mapped(Checkpoint checkpoint, Adapter adapter, DataType? loadedAs)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(adapter);
        var replaced = adapter.Replaced.Select(one => one.Parameter.Name).ToHashSet();
        return checkpoint.Tensors.Values.Where(tensor => !replaced.Contains(tensor.Name) && (loadedAs is null || !LlamaShapes.IsLinear(tensor.Name)))
            .Sum(tensor => tensor.Type?.Bytes(tensor.Shape.Length) ?? 0);
    }

    /// <summary>The bytes of all weights of a shape.</summary>
    public static long Of(LlamaConfig config, DataType type)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Of(config, type, new HashSet<string>());
    }

    /// <summary>The same without those in whose place trained copies stand.</summary>
    internal static long Of(LlamaConfig config, DataType type, IReadOnlySet<string> replaced) =>
        LlamaShapes.Of(config).Where(tensor => !replaced.Contains(tensor.Name)).Sum(tensor => TypeOf(tensor.Name, type).Bytes(tensor.Shape.Length));
}
