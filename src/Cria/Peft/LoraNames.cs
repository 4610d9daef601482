using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>The names of LoRA's factors in files of other tools, brought to peft's.</summary>
internal static class LoraNames
{
    public const string A = "lora_A.weight", B = "lora_B.weight", Magnitude = "lora_magnitude_vector";

    private static readonly (string Suffix, string Factor)[] Suffixes =
    [
        (".lora_A.weight", A), (".lora_B.weight", B), (".lora_a.weight", A), (".lora_b.weight", B),
        (".lora_A", A), (".lora_B", B), (".lora_a", A), (".lora_b", B),
        (".lora_magnitude_vector", Magnitude), (".magnitude", Magnitude), (".m", Magnitude),
    ];

    private static readonly string[] Prefixes = ["base_model.model.", "module.", "_orig_mod."];

    /// <summary>Whether the name is that of a factor A or B.</summary>
    public static bool IsFactor(string name) => Split(name) is (_, A or B);

    /// <summary>The layer's path in Hugging Face's form and the factor; null for any other tensor.</summary>
    /// <remarks><c>layers.0.attention.wq.lora_A</c> becomes <c>model.layers.0.self_attn.q_proj</c> and <c>lora_A.weight</c>.</remarks>
    public static (string Path, string Factor)? Split(string name)
    {
        foreach (var (suffix, factor) in Suffixes)
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
                return (ToHuggingFace(name[..^suffix.Length]), factor);
        }
        return null;
    }

    /// <summary>Whether the layer's name is one of Meta or torchtune, whose rows of q and k are in another order.</summary>
    public static bool IsMeta(string name) => Bare(name).StartsWith("layers.", StringComparison.Ordinal);

    /// <summary>The layer's path, of a tensor's name as peft has it.</summary>
    public static string PathOf(string name) => Split(name)?.Path ?? name;

    private static string ToHuggingFace(string path)
    {
        const string weight = ".weight";
        string name = TorchNames.ToHuggingFace(Bare(path).Replace(".attn.", IsMeta(path) ? ".attn." : ".self_attn.", StringComparison.Ordinal) + weight).Name;
        return name[..^weight.Length];
    }

    private static string Bare(string name)
    {
        foreach (string prefix in Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                name = name[prefix.Length..];
        }
        return name;
    }
}
