namespace Cria.Models;

/// <summary>A place in the model that holds a linear layer, and can hold another.</summary>
public sealed class LinearSlot(string path, Func<ILinear> get, Action<ILinear> set)
{
    /// <summary>The dotted path as in a Hugging Face checkpoint, such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public string Path { get; } = path;

    /// <summary>The last word of the path, such as <c>q_proj</c>.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>The layer that stands here now.</summary>
    public ILinear Linear => get();

    /// <summary>Puts another layer here, usually one that wraps the present one.</summary>
    public void Replace(ILinear linear) => set(linear);
}
