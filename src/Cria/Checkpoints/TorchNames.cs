namespace Cria.Checkpoints;

/// <summary>How the model-parallel files of Meta share a tensor.</summary>
internal enum ShardAxis
{
    /// <summary>Each file has the whole.</summary>
    Replicated,

    /// <summary>Each file has some rows.</summary>
    Rows,

    /// <summary>Each file has some columns of every row.</summary>
    Columns,

    /// <summary>Columns in LLaMA 1 and 2, rows since Llama 3: the shapes tell.</summary>
    Embedding,
}

/// <summary>Hugging Face's names for the tensors of Meta's and of torchtune's files.</summary>
/// <remarks>
/// Meta: llama_models/llama3/model.py; torchtune: torchtune/models/convert_weights.py. Both rotate neighbouring numbers of a head, as GGUF does.
/// </remarks>
internal static class TorchNames
{
    private static readonly Dictionary<string, (string Name, ShardAxis Axis)> Whole = new()
    {
        ["tok_embeddings.weight"] = ("model.embed_tokens.weight", ShardAxis.Embedding),
        ["norm.weight"] = ("model.norm.weight", ShardAxis.Replicated),
        ["norm.scale"] = ("model.norm.weight", ShardAxis.Replicated),
        ["output.weight"] = ("lm_head.weight", ShardAxis.Rows),
    };

    private static readonly Dictionary<string, (string Name, ShardAxis Axis)> InLayer = new()
    {
        ["attention_norm.weight"] = ("input_layernorm.weight", ShardAxis.Replicated),
        ["attention.wq.weight"] = ("self_attn.q_proj.weight", ShardAxis.Rows),
        ["attention.wk.weight"] = ("self_attn.k_proj.weight", ShardAxis.Rows),
        ["attention.wv.weight"] = ("self_attn.v_proj.weight", ShardAxis.Rows),
        ["attention.wo.weight"] = ("self_attn.o_proj.weight", ShardAxis.Columns),
        ["ffn_norm.weight"] = ("post_attention_layernorm.weight", ShardAxis.Replicated),
        ["feed_forward.w1.weight"] = ("mlp.gate_proj.weight", ShardAxis.Rows),
        ["feed_forward.w3.weight"] = ("mlp.up_proj.weight", ShardAxis.Rows),
        ["feed_forward.w2.weight"] = ("mlp.down_proj.weight", ShardAxis.Columns),

        ["sa_norm.scale"] = ("input_layernorm.weight", ShardAxis.Replicated),
        ["attn.q_proj.weight"] = ("self_attn.q_proj.weight", ShardAxis.Rows),
        ["attn.k_proj.weight"] = ("self_attn.k_proj.weight", ShardAxis.Rows),
        ["attn.v_proj.weight"] = ("self_attn.v_proj.weight", ShardAxis.Rows),
        ["attn.output_proj.weight"] = ("self_attn.o_proj.weight", ShardAxis.Columns),
        ["mlp_norm.scale"] = ("post_attention_layernorm.weight", ShardAxis.Replicated),
        ["mlp.w1.weight"] = ("mlp.gate_proj.weight", ShardAxis.Rows),
        ["mlp.w3.weight"] = ("mlp.up_proj.weight", ShardAxis.Rows),
        ["mlp.w2.weight"] = ("mlp.down_proj.weight", ShardAxis.Columns),
    };

    /// <summary>Whether these are names of Meta or torchtune.</summary>
    public static bool AreMeta(IEnumerable<string> names) => names.Any(name => Whole.ContainsKey(Bare(name)) || Bare(name).StartsWith("layers.0.", StringComparison.Ordinal));

    /// <summary>Whose names these are.</summary>
    public static string OwnerOf(IReadOnlyCollection<string> names)
    {
        if (!AreMeta(names))
            return "Hugging Face";
        return names.Any(name => name.EndsWith("norm.scale", StringComparison.Ordinal)) ? "torchtune" : "Meta";
    }

    /// <summary><c>layers.0.attention.wq.weight</c> becomes <c>model.layers.0.self_attn.q_proj.weight</c>; a name that is not listed stays as it is.</summary>
    public static (string Name, ShardAxis Axis) ToHuggingFace(string name)
    {
        string bare = Bare(name);
        if (Whole.TryGetValue(bare, out var whole))
            return whole;
        return bare.Split('.', 3) is ["layers", var layer, var rest] && InLayer.TryGetValue(rest, out var inLayer)
            ? ($"model.layers.{layer}.{inLayer.Name}", inLayer.Axis)
            : (name, ShardAxis.Replicated);
    }

    /// <summary>Whether a tensor is a table that follows from the settings, and is computed here.</summary>
    public static bool IsDerived(string name) =>
        name.EndsWith("rope.freqs", StringComparison.Ordinal) || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    // What torch.compile puts before every name.
    private static string Bare(string name) => name.StartsWith("_orig_mod.", StringComparison.Ordinal) ? name["_orig_mod.".Length..] : name;
}
