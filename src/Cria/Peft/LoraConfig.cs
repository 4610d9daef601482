using System.Text.Json.Nodes;
using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>The <c>adapter_config.json</c> of a LoRA, key by key as peft 0.21 writes it.</summary>
internal static class LoraConfig
{
    // What would change the meaning of the tensors, and the value at which it does not. Any other key may be ignored.
    private static readonly Dictionary<string, Func<JsonNode?, bool>> Harmless = new()
    {
        ["use_qalora"] = IsFalse,
        ["lora_bias"] = IsFalse,
        ["fan_in_fan_out"] = IsFalse,
        ["bias"] = node => node is null || node.ToString() == "none",
        ["modules_to_save"] = IsEmpty,
        ["rank_pattern"] = IsEmpty,
        ["alpha_pattern"] = IsEmpty,
        ["layers_to_transform"] = IsEmpty,
        ["exclude_modules"] = IsEmpty,
        ["layer_replication"] = IsEmpty,
        ["target_parameters"] = IsEmpty,
        ["trainable_token_indices"] = IsEmpty,
        ["alora_invocation_tokens"] = IsEmpty,
    };

    public static LoraOptions Read(JsonObject config, string file)
    {
        foreach (var (key, isHarmless) in Harmless)
        {
            if (!isHarmless(config[key]))
                throw CheckpointException.Setting(file, key, $"{config[key]!.ToJsonString()} changes what the tensors mean, and is not supported");
        }
        var keys = new ConfigKeys(config, file);
        return new LoraOptions
        {
            Rank = (int)Number(config, "r", file),
            Alpha = (float)Number(config, "lora_alpha", file),
            Dropout = config["lora_dropout"] is null ? 0 : (float)Number(config, "lora_dropout", file),
            Targets = keys.Targets("target_modules"),
            Rslora = keys.Flag("use_rslora") ?? false,
            Dora = keys.Flag("use_dora") ?? false,
        };
    }

    public static JsonObject Write(LoraOptions options, Adapter adapter, string baseModel) => new()
    {
        ["alora_invocation_tokens"] = null,
        ["alpha_pattern"] = new JsonObject(),
        ["arrow_config"] = null,
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = baseModel,
        ["bias"] = "none",
        ["corda_config"] = null,
        ["ensure_weight_tying"] = false,
        ["eva_config"] = null,
        ["exclude_modules"] = null,
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["kasa_config"] = null,
        ["layer_replication"] = null,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = null,
        ["loftq_config"] = new JsonObject(),
        ["lora_alpha"] = Whole(options.Alpha),
        ["lora_bias"] = false,
        ["lora_dropout"] = options.Dropout,
        ["lora_ga_config"] = null,
        ["megatron_config"] = null,
        ["megatron_core"] = "megatron.core",
        ["modules_to_save"] = null,
        ["monteclora_config"] = null,
        ["peft_type"] = "LORA",
        ["peft_version"] = "0.21.0",
        ["qalora_group_size"] = 16,
        ["r"] = options.Rank,
        ["rank_pattern"] = new JsonObject(),
        ["revision"] = null,
        ["target_modules"] = WriteTargets(options.Targets, adapter),
        ["target_parameters"] = null,
        ["task_type"] = "CAUSAL_LM",
        ["trainable_token_indices"] = null,
        ["use_bdlora"] = null,
        ["use_dora"] = options.Dora,
        ["use_qalora"] = false,
        ["use_rslora"] = options.Rslora,
        ["velora_config"] = null,
    };

    // all-linear is written as the names it stood for, as peft does: a reader need not know the word.
    public static JsonNode WriteTargets(Targets targets, Adapter adapter)
    {
        if (targets.Pattern is { } pattern && pattern != Targets.AllLinear)
            return pattern;
        var names = targets.Pattern is null
            ? targets.Names
            : adapter.Trained.Select(parameter => LayerOf(parameter.Name)).Where(layer => layer.EndsWith("_proj", StringComparison.Ordinal)).Distinct();
        return new JsonArray([.. names.Select(name => (JsonNode)name)]);
    }

    // …q_proj.lora_A.weight, …q_proj.lora_magnitude_vector and …q_proj.adapter_bias all belong to q_proj.
    private static string LayerOf(string tensor) => tensor.Split('.').LastOrDefault(word => word.EndsWith("_proj", StringComparison.Ordinal)) ?? "";

    private static double Number(JsonObject config, string key, string file) =>
        config[key] is JsonValue value && value.TryGetValue(out double number)
            ? number
            : throw CheckpointException.Setting(file, key, $"expected a number, found {config[key]?.ToJsonString() ?? "nothing"}");

    private static JsonNode Whole(float alpha) => alpha == MathF.Round(alpha) ? (int)alpha : alpha;

    private static bool IsFalse(JsonNode? node) => node is null || (node is JsonValue value && value.TryGetValue(out bool flag) && !flag);

    private static bool IsEmpty(JsonNode? node) => node is null or JsonArray { Count: 0 } or JsonObject { Count: 0 };
}
