using Cria.Tensors;

namespace Cria.Models;

/// <summary>A linear layer of the model. Any of them may be wrapped: this is the seam through which adapters enter.</summary>
public interface ILinear
{
    /// <summary>The numbers of one input row.</summary>
    int In { get; }

    /// <summary>The numbers of one output row.</summary>
    int Out { get; }

    /// <summary>From x (N, In) to (N, Out).</summary>
    Tensor Forward(Tensor x, ForwardContext context);
}
