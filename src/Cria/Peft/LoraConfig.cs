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
        ["fan_in_fan_out"] = IsFalse,
        ["layer_replication"] = IsEmpty,
        ["target_parameters"] = IsEmpty,
        ["alora_invocation_tokens"] = IsEmpty,
    };

    public static LoraOptions Read(ConfigKeys keys)
    {
        foreach (var (key, isHarmless) in Harmless)
        {
            if (!isHarmless(keys.Json[key]))
                throw CheckpointException.Setting(keys.File, key, $"{keys.Json[key]!.ToJsonString()} changes what the tensors mean, and is not supported");
        }
        return new LoraOptions
        {
            Rank = keys.Needed("r"),
            Alpha = (float)(keys.Real("lora_alpha") ?? throw CheckpointException.Setting(keys.File, "lora_alpha", "expected a number, found nothing")),
            Dropout = (float)(keys.Real("lora_dropout") ?? 0),
            Targets = keys.Targets("target_modules"),
            Exclude = keys.Texts("exclude_modules"),
            Layers = keys.Numbers("layers_to_transform"),
            RankPattern = keys.Pattern("rank_pattern"),
            AlphaPattern = keys.Pattern("alpha_pattern"),
            Rslora = keys.Flag("use_rslora") ?? false,
            Dora = keys.Flag("use_dora") ?? false,
            LoraBias = keys.Flag("lora_bias") ?? false,
            Init = InitOf(keys.Json["init_lora_weights"]),
            ModulesToSave = keys.Texts("modules_to_save"),
            TrainableTokens = keys.Numbers("trainable_token_indices"),
        };
    }

    public static JsonObject Write(LoraOptions options, Adapter adapter, string baseModel) => new()
    {
        ["alora_invocation_tokens"] = null,
        ["alpha_pattern"] = Pattern(options.AlphaPattern),
        ["arrow_config"] = null,
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = baseModel,
        ["bias"] = "none",
        ["corda_config"] = null,
        ["ensure_weight_tying"] = false,
        ["eva_config"] = null,
        ["exclude_modules"] = List(Excluded(options, adapter)),
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = options.Init == LoraInitialization.Default ? true : options.Init,
        ["kasa_config"] = null,
        ["layer_replication"] = null,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = options.Layers.Count == 0 ? null : new JsonArray([.. options.Layers.Select(layer => (JsonNode)layer)]),
        ["loftq_config"] = new JsonObject(),
        ["lora_alpha"] = Whole(options.Alpha),
        ["lora_bias"] = options.LoraBias,
        ["lora_dropout"] = options.Dropout,
        ["lora_ga_config"] = null,
        ["megatron_config"] = null,
        ["megatron_core"] = "megatron.core",
        ["modules_to_save"] = List(options.ModulesToSave),
        ["monteclora_config"] = null,
        ["peft_type"] = "LORA",
        ["peft_version"] = "0.21.0",
        ["qalora_group_size"] = 16,
        ["r"] = options.Rank,
        ["rank_pattern"] = Pattern(options.RankPattern),
        ["revision"] = null,
        ["target_modules"] = WriteTargets(options.Targets, adapter),
        ["target_parameters"] = null,
        ["task_type"] = "CAUSAL_LM",
        ["trainable_token_indices"] = options.TrainableTokens.Count == 0 ? null : new JsonArray([.. options.TrainableTokens.Select(id => (JsonNode)id)]),
        ["use_bdlora"] = null,
        ["use_dora"] = options.Dora,
        ["use_qalora"] = false,
        ["use_rslora"] = options.Rslora,
        ["velora_config"] = null,
    };

    // Names that all-linear was written without need not be excluded again; what excludes single layers by their path must.
    private static IReadOnlyList<string> Excluded(LoraOptions options, Adapter adapter) => options.Targets.Pattern != Targets.AllLinear
        ? options.Exclude
        : [.. options.Exclude.Where(name => adapter.Trained.Any(parameter => LayerOf(parameter.Name) == name.Split('.')[^1]))];

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

    // pissa_niter_N is PiSSA by N sharpenings instead of a full decomposition: the same, nearly.
    private static string InitOf(JsonNode? node)
    {
        string init = node is JsonValue value && value.TryGetValue(out string? text) ? text : LoraInitialization.Default;
        return init.StartsWith(LoraInitialization.Pissa, StringComparison.Ordinal) ? LoraInitialization.Pissa
            : LoraInitialization.All.Contains(init) ? init : LoraInitialization.Default;
    }

    private static JsonArray? List(IReadOnlyList<string> names) => names.Count == 0 ? null : new JsonArray([.. names.Select(name => (JsonNode)name)]);

    private static JsonObject Pattern(IReadOnlyList<string> patterns)
    {
        var json = new JsonObject();
        foreach (string pattern in patterns)
        {
            if (LayerPattern.Parts(pattern) is var (expression, value))
                json[expression] = Whole((float)value);
        }
        return json;
    }

    private static JsonNode Whole(float alpha) => alpha == MathF.Round(alpha) ? (int)alpha : alpha;

    private static bool IsFalse(JsonNode? node) => node is null || (node is JsonValue value && value.TryGetValue(out bool flag) && !flag);

    private static bool IsEmpty(JsonNode? node) => node is null or JsonArray { Count: 0 } or JsonObject { Count: 0 };
}
