using Cria.Tensors;

namespace Cria.Models;

/// <summary>A named tensor of the model. The value can be exchanged: for one of another storage type, or one that is trained.</summary>
public sealed class Parameter(string name, Tensor value)
{
    private readonly WeakReference<Tensor> loaded = new(value);

    /// <summary>The name in a Hugging Face checkpoint, such as <c>model.layers.0.mlp.up_proj.weight</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The numbers.</summary>
    public Tensor Value { get; set; } = value;

    /// <summary>Whether the value is the one from the beginning, in whatever order a device keeps its bytes.</summary>
    internal bool IsAsLoaded => loaded.TryGetTarget(out var first) && first == Value;

    /// <summary>Who has put another tensor in the place of the model's own, as messages name it; null where nobody has.</summary>
    internal string? Claim { get; set; }
}
