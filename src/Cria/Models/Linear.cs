using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>y = x Wᵀ, without bias: no LLaMA has one. The weight may be stored in any type.</summary>
public sealed class Linear : ILinear
{
    /// <summary>A layer over <c>weight</c> (out, in) of a checkpoint.</summary>
    public Linear(WeightScope weights, int @in, int @out, string because)
    {
        Weight = new Parameter($"{weights.Path}.weight", weights.Get("weight", new Shape(@out, @in), $"{weights.File.ConfigName} ({because})"));
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
}
