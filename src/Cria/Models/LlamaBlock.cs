using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>One decoder layer: h = x + Attention(Norm(x)); y = h + Mlp(Norm(h)).</summary>
/// <remarks>Touvron et al. 2023, section 2.2, <see href="https://arxiv.org/abs/2302.13971"/>.</remarks>
public sealed class LlamaBlock(LlamaConfig config, int layer, WeightScope weights)
{
    /// <summary>The norm before attention.</summary>
    public RmsNorm AttentionNorm { get; } = new(weights["input_layernorm"], config.HiddenSize, config.RmsNormEpsilon);

    /// <summary>Self-attention.</summary>
    public Attention Attention { get; } = new(config, layer, weights["self_attn"]);

    /// <summary>The norm before the feed-forward part.</summary>
    public RmsNorm MlpNorm { get; } = new(weights["post_attention_layernorm"], config.HiddenSize, config.RmsNormEpsilon);

    /// <summary>The feed-forward part.</summary>
    public Mlp Mlp { get; } = new(config, weights["mlp"]);

    /// <summary>From x (N, d) to (N, d).</summary>
    public Tensor Forward(Tensor x, ForwardContext context)
    {
        var h = x + Attention.Forward(AttentionNorm.Forward(x), context);
        return h + Mlp.Forward(MlpNorm.Forward(h), context);
    }
}
