using System.Text.Json.Nodes;

namespace Cria.Peft;

/// <summary>The <c>adapter_config.json</c> of LLaMA-Adapter: peft's ADAPTION_PROMPT where one gate a layer is enough, and otherwise our own LLAMA_ADAPTER.</summary>
/// <remarks>peft holds a single gate without tanh for each layer. Our form has the same tensor names, a gate for each head, and says what it goes through.</remarks>
internal static class PromptConfig
{
    public static LlamaAdapterOptions ReadPeft(ConfigKeys keys) => new()
    {
        PromptLength = keys.Needed("adapter_len"),
        Layers = keys.Needed("adapter_layers"),
        Gate = LlamaAdapterOptions.Single,
        GateActivation = GateActivation.Identity,
    };

    public static PeftOptions ReadOwn(ConfigKeys keys) => keys.Needed("version") switch
    {
        1 => new LlamaAdapterOptions
        {
            PromptLength = keys.Needed("adapter_len"),
            Layers = keys.Needed("adapter_layers"),
            GateActivation = keys.Text("gate_activation") ?? GateActivation.Tanh,
            Gate = keys.Text("gate") ?? LlamaAdapterOptions.PerHead,
        },
        2 => ReadSecond(keys),
        var other => throw Checkpoints.CheckpointException.Setting(keys.File, "version", $"expected 1 or 2, found {other}"),
    };

    public static JsonObject Write(LlamaAdapterOptions options, Adapter adapter)
    {
        var config = new JsonObject
        {
            ["adapter_layers"] = AdapterConfig.Layers(adapter, GatedPrompt.PromptName),
            ["adapter_len"] = options.PromptLength,
            ["inference_mode"] = true,
        };
        if (options is { Gate: LlamaAdapterOptions.Single, GateActivation: GateActivation.Identity })
        {
            config["peft_type"] = "ADAPTION_PROMPT";
            config["target_modules"] = "self_attn";
            return config;
        }
        config["peft_type"] = "LLAMA_ADAPTER";
        config["version"] = 1;
        config["gate_activation"] = options.GateActivation;
        config["gate"] = options.Gate;
        return config;
    }

    public static JsonObject Write(LlamaAdapterV2Options options, Adapter adapter)
    {
        var config = new JsonObject
        {
            ["peft_type"] = "LLAMA_ADAPTER",
            ["version"] = 2,
            ["preset"] = options.Preset,
            ["scale_position"] = options.ScalePosition,
            ["target_modules"] = LoraConfig.WriteTargets(options.Scaled, adapter),
            ["train_norms"] = options.Norms,
            ["lora_rank"] = options.LoraRank,
        };
        if (options.Prompts > 0)
        {
            config["adapter_len"] = options.Prompts;
            config["adapter_layers"] = AdapterConfig.Layers(adapter, GatedPrompt.PromptName);
            config["gate_activation"] = options.GateActivation;
        }
        return config;
    }

    // What a file does not say is as it was in the first files of this form: every linear layer, prompts only where their length is named.
    private static LlamaAdapterV2Options ReadSecond(ConfigKeys keys) => new()
    {
        Preset = keys.Text("preset") ?? LlamaAdapterV2Options.Paper,
        Scale = keys.Text("scale_position") ?? ScaledLinear.Output,
        Targets = keys.Json["target_modules"] is null ? new Targets(Targets.AllLinear) : keys.Targets("target_modules"),
        Norms = keys.Flag("train_norms") ?? true,
        PromptLength = keys.Number("adapter_len") ?? 0,
        Layers = keys.Number("adapter_layers"),
        GateActivation = keys.Text("gate_activation") ?? GateActivation.Tanh,
        LoraRank = keys.Number("lora_rank") ?? 0,
    };
}
