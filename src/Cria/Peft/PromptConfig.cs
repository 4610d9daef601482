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
        if (options.VisualLayers > 0)
        {
            config["visual_layers"] = options.VisualLayers;
            config["visual_length"] = options.VisualLength;
            config["vision_dim"] = options.VisionDim;
            config["gate_activation"] = options.GateActivation;
        }
        if (options.Joint)
        {
            config["joint"] = true;
            config["image_trains"] = new JsonArray([.. options.ImageTrains.Select(kind => (JsonNode)kind)]);
            config["text_trains"] = new JsonArray([.. options.TextTrains.Select(kind => (JsonNode)kind)]);
        }
        return config;
    }

    // What a file does not say is as it was in the first files of this form: every linear layer, prompts only where their length is named.
    private static LlamaAdapterV2Options ReadSecond(ConfigKeys keys)
    {
        var options = ReadLayers(keys);
        options.VisualLayers = keys.Number("visual_layers") ?? 0;
        options.VisualLength = keys.Number("visual_length") ?? options.VisualLength;
        options.VisionDim = keys.Number("vision_dim");
        options.Joint = keys.Flag("joint") ?? false;
        if (options.Joint)
            (options.ImageTrains, options.TextTrains) = (keys.Texts("image_trains"), keys.Texts("text_trains"));
        return options;
    }

    private static LlamaAdapterV2Options ReadLayers(ConfigKeys keys) => new()
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
