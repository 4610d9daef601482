using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cria.Peft;

/// <summary>A method with usual settings under a name, to plan and to compare with.</summary>
/// <param name="Name">What <c>cria plan</c> and <c>cria compare</c> call it.</param>
/// <param name="Options">The method and its settings.</param>
/// <param name="LearningRate">A rate that suits it: what is few and starts at zero needs a higher one than what is many.</param>
/// <param name="BaseType">The storage type of the base that belongs to it; null for any.</param>
public sealed record MethodPreset(string Name, PeftOptions Options, double LearningRate, string? BaseType = null)
{
    private const double UsualLearningRate = 1e-3;

    /// <summary>Every preset, new objects each time: settings can be changed. A method that none is named for comes with its defaults.</summary>
    /// <remarks>
    /// The ranks of <c>lora-qv</c> and <c>qlora</c> are those of Alpaca-LoRA and of the QLoRA paper; the three of LLaMA-Adapter V2 are the paper's form
    /// and the two released ones.
    /// </remarks>
    public static IReadOnlyList<MethodPreset> All()
    {
        var named = Named();
        return [.. named, .. PeftOptions.Methods.Except(named.Select(preset => preset.Options.Method)).Select(method => new MethodPreset(method, Default(method), UsualLearningRate))];
    }

    private static MethodPreset[] Named() =>
    [
        new("lora", new LoraOptions(), 2e-4),
        new("lora-qv", new LoraOptions { Rank = 8, Alpha = 16, Targets = new Targets(["q_proj", "v_proj"]) }, 3e-4),
        new("qlora", new LoraOptions { Rank = 64, Alpha = 16 }, 2e-4, "nf4-dq"),
        new("dora", new LoraOptions { Dora = true }, 2e-4),
        new("llama-adapter", new LlamaAdapterOptions(), 9e-3),
        new("llama-adapter-v2", new LlamaAdapterV2Options(), 1e-3),
        new("llama-adapter-v2-chat", new LlamaAdapterV2Options { Preset = LlamaAdapterV2Options.Chat }, 1e-3),
        new("llama-adapter-v2-mm", new LlamaAdapterV2Options { Preset = LlamaAdapterV2Options.MultiModal, LoraRank = 16 }, 1e-3),
        new("excitor", new ExcitorOptions(), 9e-3),
        new("norms", new NormsOptions(), UsualLearningRate),
        new("bias", new BiasOptions(), UsualLearningRate),
        new("full", new FullOptions(), 2e-5),
    ];

    private static PeftOptions Default(string method) => new JsonObject { ["method"] = method }.Deserialize(PeftJson.Default.PeftOptions)!;
}
