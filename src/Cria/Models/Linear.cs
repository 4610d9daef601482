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
