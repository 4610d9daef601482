namespace Cria.Checkpoints;

/// <summary>Hugging Face's names for the tensors of a GGUF file.</summary>
internal static class GgufNames
{
    private static readonly Dictionary<string, string> Whole = new()
    {
        ["token_embd"] = "model.embed_tokens",
        ["output_norm"] = "model.norm",
        ["output"] = "lm_head",
    };

    private static readonly Dictionary<string, string> InLayer = new()
    {
        ["attn_norm"] = "input_layernorm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_output"] = "self_attn.o_proj",
        ["ffn_norm"] = "post_attention_layernorm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
    };

    /// <summary><c>blk.0.attn_q.weight</c> becomes <c>model.layers.0.self_attn.q_proj.weight</c>; a name that is not listed stays as it is.</summary>
    public static string ToHuggingFace(string name)
    {
        string[] parts = name.Split('.');
        if (parts is [var module, var kind] && Whole.TryGetValue(module, out string? whole))
            return $"{whole}.{kind}";
        if (parts is ["blk", var layer, var part, var what] && InLayer.TryGetValue(part, out string? inLayer))
            return $"model.layers.{layer}.{inLayer}.{what}";
        return name;
    }

    /// <summary>The way back.</summary>
    public static string FromHuggingFace(string name)
    {
        int dot = name.LastIndexOf('.');
        if (dot < 0)
            return name;
        string module = name[..dot], kind = name[dot..];
        if (Whole.FirstOrDefault(pair => pair.Value == module).Key is { } whole)
            return whole + kind;
        return module.Split('.', 4) is ["model", "layers", var layer, var part] && InLayer.FirstOrDefault(pair => pair.Value == part).Key is { } inLayer
            ? $"blk.{layer}.{inLayer}{kind}"
            : name;
    }
}
