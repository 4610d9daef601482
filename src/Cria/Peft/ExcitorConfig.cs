using System.Text.Json.Nodes;

namespace Cria.Peft;

/// <summary>The <c>adapter_config.json</c> of LLaMA-Excitor, in a form of our own: no public one exists.</summary>
internal static class ExcitorConfig
{
    public static ExcitorOptions Read(ConfigKeys keys) => new()
    {
        PromptLength = keys.Needed("prompt_len"),
        Layers = keys.Needed("adapter_layers"),
        Rank = keys.Needed("rank"),
        Gate = keys.Text("gate") ?? ExcitorOptions.PerHead,
        GateActivation = keys.Text("gate_activation") ?? GateActivation.Identity,
        Softmax = keys.Text("softmax_mode") ?? ExcitorOptions.PerHead,
        SoftmaxScale = keys.Text("softmax_scale") ?? ExcitorOptions.HeadSize,
        RopeOnExtra = keys.Flag("rope_on_extra") ?? false,
        VisionDim = keys.Number("vision_dim"),
    };

    public static JsonObject Write(ExcitorOptions options, Adapter adapter) => new()
    {
        ["peft_type"] = "LLAMA_EXCITOR",
        ["prompt_len"] = options.PromptLength,
        ["adapter_layers"] = AdapterConfig.Layers(adapter, ExcitedKeys.PromptName),
        ["rank"] = options.Rank,
        ["gate"] = options.Gate,
        ["gate_activation"] = options.GateActivation,
        ["softmax_mode"] = options.Softmax,
        ["softmax_scale"] = options.SoftmaxScale,
        ["rope_on_extra"] = options.RopeOnExtra,
        ["vision_dim"] = options.VisionDim,
    };
}
