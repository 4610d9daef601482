using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>The names of tensors in the files of LLaMA-Adapter's authors, brought to ours.</summary>
internal static class AuthorsNames
{
    public const string Bias = "adapter_bias", Scale = "adapter_scale", Query = "adapter_query.weight";

    private static readonly (string Suffix, string Kind)[] Suffixes =
        [("_bias", Bias), ("_scale", Scale), (".bias", Bias), ("_l1.weight", LoraNames.A), ("_l2.weight", LoraNames.B)];

    /// <summary>Whether a name is that of all prompts together.</summary>
    public static bool IsQuery(string name) => Bare(name) == Query;

    /// <summary>The path of the linear layer and what of it this is; null for any other tensor.</summary>
    /// <remarks><c>layers.0.attention.wq_bias</c> becomes <c>model.layers.0.self_attn.q_proj</c> and <c>adapter_bias</c>.</remarks>
    public static (string Path, string Kind)? Split(string name)
    {
        string bare = Bare(name).Replace(".lora_w", ".w", StringComparison.Ordinal);
        foreach (var (suffix, kind) in Suffixes)
        {
            if (!bare.StartsWith("layers.", StringComparison.Ordinal) || !bare.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            string weight = TorchNames.ToHuggingFace($"{bare[..^suffix.Length]}.weight").Name;
            return weight.EndsWith("_proj.weight", StringComparison.Ordinal) ? (weight[..^".weight".Length], kind) : null;
        }
        return null;
    }

    /// <summary>The name of a norm's weight, or null.</summary>
    public static string? Norm(string name)
    {
        string there = TorchNames.ToHuggingFace(Bare(name)).Name;
        return there.StartsWith("model.", StringComparison.Ordinal) && there.EndsWith("norm.weight", StringComparison.Ordinal) ? there : null;
    }

    /// <summary>The number of a layer whose gate, or whose extra factor on the gate, this is; null for any other tensor.</summary>
    public static int? Gate(string name, bool extra) =>
        Bare(name).Split('.') is ["layers", var layer, "attention", var last] && last == (extra ? "new_gate" : "gate") && int.TryParse(layer, out int number) ? number : null;

    private static string Bare(string name) => name.StartsWith("llama.", StringComparison.Ordinal) ? name["llama.".Length..] : name;
}
