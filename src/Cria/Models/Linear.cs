using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>y = x Wᵀ, without bias: no LLaMA has one. The weight may be stored in any type.</summary>
public sealed class Linear : ILinear
{
    /// <summary>A layer over <c>weight</c> (out, in) of a checkpoint.</summary>
    public Linear(WeightScope weights, int @in, int @out, string because)
    {
        Weight = new Parameter($"{weights.Path}.weight", Read(weights, new Shape(@out, @in), $"{weights.File.ConfigName} ({because})"));
        (In, Out) = (@in, @out);
    }

    /// <inheritdoc/>
    public int In { get; }

    /// <inheritdoc/>
    public int Out { get; }

    /// <summary>W (Out, In).</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public Tensor Forward(Tensor x, ForwardContext context) => x.Linear(Weight.Value);

    /// <summary>Layers that read the same rows, such as those of q, k and v: as each of them alone, but without gradients in one go where none is wrapped.</summary>
    public static Tensor[] Each(Tensor x, ForwardContext context, params ReadOnlySpan<ILinear> layers)
    {
        ArgumentNullException.ThrowIfNull(x);
        var weights = new Tensor[layers.Length];
        int plain = 0;
        while (plain < layers.Length && layers[plain] is Linear linear)
            weights[plain++] = linear.Weight.Value;
        if (plain == layers.Length)
            return x.LinearEach(weights);
        var results = new Tensor[layers.Length];
        for (int i = 0; i < layers.Length; i++)
            results[i] = layers[i].Forward(x, context);
        return results;
    }

    // What the file holds exists on the device only until it is brought to the other type.
    private static Tensor Read(WeightScope weights, Shape shape, string because)
    {
        using var scope = TensorScope.Begin();
        var weight = weights.Get("weight", shape, because);
        if (weights.LinearType is not { } type)
            return scope.Keep(weight.ForProducts());
        if (weight.Shape.Columns % type.BlockLength != 0)
            throw CheckpointException.Blocks(weights.FullName("weight"), weight.Shape.Columns, type.Name, type.BlockLength);
        return scope.Keep(weight.To(type).ForProducts());
    }
}
