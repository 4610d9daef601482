using Cria.Tensors;

namespace Cria.Models;

/// <summary>Something that takes part in the embedding of tokens: the third seam through which adapters enter.</summary>
public interface IEmbeddingExtra
{
    /// <summary>The rows that the first layer reads.</summary>
    /// <param name="tokens">N token ids.</param>
    /// <param name="rows">What the table and the extras before this one gave, (N, d).</param>
    Tensor Embed(int[] tokens, Tensor rows);

    /// <summary>A table (V, d), f32, that gives by itself what <see cref="Embed"/> gives.</summary>
    Tensor Merge(Tensor table);
}
