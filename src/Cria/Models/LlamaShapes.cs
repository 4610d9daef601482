using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>The tensors that a dense LLaMA has, and their shapes: known from its settings, without its weights.</summary>
internal static class LlamaShapes
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string Head = "lm_head.weight";

    /// <summary>What a GGUF file has in the place of Llama 3.1's scaling: a divisor of each rotary frequency (D / 2).</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    /// <summary>Whether a tensor is the weight of a linear layer of a block.</summary>
    public static bool IsLinear(string name) => name.EndsWith("_proj.weight", StringComparison.Ordinal);

    /// <summary>Every tensor, in the order of a checkpoint, with what its shape follows from.</summary>
    public static IEnumerable<(string Name, Shape Shape, string Because)> Of(LlamaConfig config)
    {
        var (d, q, k, f) = (config.HiddenSize, config.QuerySize, config.KeySize, config.IntermediateSize);
        string hidden = $"hidden_size {d}", table = $"vocab_size {config.VocabularySize}, {hidden}", mlp = $"intermediate_size {f}, {hidden}";
        string heads = $"num_attention_heads {config.Heads} × head_dim {config.HeadSize}, {hidden}";
        string keys = $"num_key_value_heads {config.KeyValueHeads} × head_dim {config.HeadSize}, {hidden}";
        yield return (Embedding, new Shape(config.VocabularySize, d), table);
        for (int i = 0; i < config.Layers; i++)
        {
            string layer = $"model.layers.{i}";
            yield return ($"{layer}.input_layernorm.weight", new Shape(d), hidden);
            yield return ($"{layer}.self_attn.q_proj.weight", new Shape(q, d), heads);
            yield return ($"{layer}.self_attn.k_proj.weight", new Shape(k, d), keys);
            yield return ($"{layer}.self_attn.v_proj.weight", new Shape(k, d), keys);
            yield return ($"{layer}.self_attn.o_proj.weight", new Shape(d, q), heads);
            yield return ($"{layer}.post_attention_layernorm.weight", new Shape(d), hidden);
            yield return ($"{layer}.mlp.gate_proj.weight", new Shape(f, d), mlp);
            yield return ($"{layer}.mlp.up_proj.weight", new Shape(f, d), mlp);
            yield return ($"{layer}.mlp.down_proj.weight", new Shape(d, f), mlp);
        }
        yield return ("model.norm.weight", new Shape(d), hidden);
        if (!config.TiedHead)
            yield return (Head, new Shape(config.VocabularySize, d), table);
    }

    /// <summary>Throws unless all are there in these shapes, as opening the model would; no weight is read.</summary>
    /// <exception cref="CheckpointException">One is missing, or of another shape.</exception>
    public static void Check(LlamaConfig config, Checkpoint checkpoint)
    {
        foreach (var (name, shape, because) in Of(config))
        {
            if (!checkpoint.Tensors.TryGetValue(name, out var info))
                throw CheckpointException.Missing(checkpoint.Name, name, checkpoint.Closest(name));
            if (info.Shape != shape)
                throw CheckpointException.WrongShape(info.File, name, shape, $"{checkpoint.ConfigName} ({because})", info.Shape);
        }
    }
}
