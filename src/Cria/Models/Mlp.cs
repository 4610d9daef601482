using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>SwiGLU: down(silu(gate(x)) · up(x)).</summary>
/// <remarks>Shazeer 2020, <see href="https://arxiv.org/abs/2002.05202"/>.</remarks>
public sealed class Mlp
{
    private readonly string path;

    /// <summary>The feed-forward part of one layer.</summary>
    public Mlp(LlamaConfig config, WeightScope weights)
    {
        path = weights.Path;
        string because = $"intermediate_size {config.IntermediateSize}, hidden_size {config.HiddenSize}";
        Gate = new Linear(weights["gate_proj"], config.HiddenSize, config.IntermediateSize, because);
        Up = new Linear(weights["up_proj"], config.HiddenSize, config.IntermediateSize, because);
        Down = new Linear(weights["down_proj"], config.IntermediateSize, config.HiddenSize, because);
    }

    /// <summary>From d to f, through silu.</summary>
    public ILinear Gate { get; set; }

    /// <summary>From d to f.</summary>
    public ILinear Up { get; set; }

    /// <summary>From f back to d.</summary>
    public ILinear Down { get; set; }

    /// <summary>The three projections.</summary>
    public IEnumerable<LinearSlot> Linears =>
    [
        new($"{path}.gate_proj", () => Gate, linear => Gate = linear),
        new($"{path}.up_proj", () => Up, linear => Up = linear),
        new($"{path}.down_proj", () => Down, linear => Down = linear),
    ];

    /// <summary>From x (N, d) to (N, d).</summary>
    public Tensor Forward(Tensor x, ForwardContext context)
    {
        var both = Linear.Each(x, context, Gate, Up);                           // (N, f) each
        return Down.Forward(Tensor.SiluMultiply(both[0], both[1]), context);    // (N, d)
    }
}
