using System.Diagnostics.CodeAnalysis;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>A checkpoint seen from one module: <c>weights["mlp"]["up_proj"].Get("weight", shape, because)</c>.</summary>
/// <param name="File">The checkpoint.</param>
/// <param name="Path">The module's path in it, such as <c>model.layers.0.mlp</c>; empty for the whole.</param>
public readonly record struct WeightScope(Checkpoint File, string Path)
{
    /// <summary>Where the tensors are brought to; null leaves them where the checkpoint has them.</summary>
    public Backend? Device { get; init; }

    /// <summary>The storage type that linear layers are brought to; null leaves it.</summary>
    public DataType? LinearType { get; init; }

    /// <summary>The scope of a module inside this one.</summary>
    public WeightScope this[string module] => this with { Path = FullName(module) };

    /// <summary>The tensor, or a <see cref="CheckpointException"/> that says exactly what is wrong with it.</summary>
    /// <param name="name">Its name inside this module, such as <c>weight</c>.</param>
    /// <param name="expected">The shape that it must have.</param>
    /// <param name="because">What that shape follows from: <c>config.json (num_key_value_heads 2 × head_dim 4, hidden_size 16)</c>.</param>
    public Tensor Get(string name, Shape expected, string because) =>
        TryGet(name, expected, because, out var tensor)
            ? tensor
            : throw CheckpointException.Missing(File.Name, FullName(name), File.Closest(FullName(name)));

    /// <summary>As <see cref="Get"/>, for a tensor that may be absent; one of a wrong shape is still an error.</summary>
    public bool TryGet(string name, Shape expected, string because, [MaybeNullWhen(false)] out Tensor tensor)
    {
        string full = FullName(name);
        if (!File.TryGet(full, out tensor))
            return false;
        if (tensor.Shape != expected)
            throw CheckpointException.WrongShape(File.Tensors[full].File, full, expected, because, tensor.Shape);
        tensor = Device is null ? tensor : tensor.On(Device);
        return true;
    }

    /// <summary>The tensor of any shape, where there is one.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Tensor tensor) => File.TryGet(FullName(name), out tensor);

    /// <summary>A name as the checkpoint knows it.</summary>
    public string FullName(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
