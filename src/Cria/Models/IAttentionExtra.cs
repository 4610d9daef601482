using Cria.Tensors;

namespace Cria.Models;

/// <summary>Something that takes part in the attention of one layer: the second seam through which adapters enter.</summary>
/// <remarks>Both steps leave what they are given as it is unless they are implemented.</remarks>
public interface IAttentionExtra
{
    /// <summary>The keys that are written to the cache.</summary>
    /// <param name="attention">The layer's attention.</param>
    /// <param name="x">What the projections read, (N, d).</param>
    /// <param name="k">The keys, turned by their positions, (N, K·D).</param>
    /// <param name="context">The pass.</param>
    Tensor Keys(Attention attention, Tensor x, Tensor k, ForwardContext context) => k;

    /// <summary>The mixed values before they are projected back.</summary>
    /// <param name="attention">The layer's attention.</param>
    /// <param name="q">The queries, turned by their positions, (N, H·D).</param>
    /// <param name="mixed">What the queries saw, (N, H·D).</param>
    /// <param name="context">The pass.</param>
    Tensor Mix(Attention attention, Tensor q, Tensor mixed, ForwardContext context) => mixed;
}
