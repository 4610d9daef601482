using Cria.Tensors;

namespace Cria.Models;

/// <summary>Every tensor of a dense LLaMA by its name in a Hugging Face checkpoint, with its shape, in the order of the forward pass.</summary>
internal static class LlamaTensors
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string Head = "lm_head.weight";

    public static IEnumerable<(string Name, Shape Shape)> Of(LlamaConfig config)
    {
        var (d, q, k, f) = (config.HiddenSize, config.QuerySize, config.KeySize, config.IntermediateSize);
        yield return (Embedding, new Shape(config.VocabularySize, d));
        for (int i = 0; i < config.Layers; i++)
        {
            string layer = $"model.layers.{i}";
            yield return ($"{layer}.input_layernorm.weight", new Shape(d));
            yield return ($"{layer}.self_attn.q_proj.weight", new Shape(q, d));
            yield return ($"{layer}.self_attn.k_proj.weight", new Shape(k, d));
            yield return ($"{layer}.self_attn.v_proj.weight", new Shape(k, d));
            yield return ($"{layer}.self_attn.o_proj.weight", new Shape(d, q));
            yield return ($"{layer}.post_attention_layernorm.weight", new Shape(d));
            yield return ($"{layer}.mlp.gate_proj.weight", new Shape(f, d));
            yield return ($"{layer}.mlp.up_proj.weight", new Shape(f, d));
            yield return ($"{layer}.mlp.down_proj.weight", new Shape(d, f));
        }
        yield return ("model.norm.weight", new Shape(d));
        if (!config.TiedHead)
            yield return (Head, new Shape(config.VocabularySize, d));
    }
}
