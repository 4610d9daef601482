using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>LLaMA-Adapter V2: a scale and a bias on every linear layer, trained norms, and gated prompts as in V1.</summary>
/// <remarks>
/// Gao et al. 2023, <see href="https://arxiv.org/abs/2304.15010"/>. Three things carry this name, and each is a preset: <c>paper</c>
/// (y = s ⊙ (W x + b), prompts in all layers but the first), <c>chat</c> (the released 65B code: y = W (s ⊙ x) + b, no prompts) and <c>multi-modal</c> (the
/// released 7B code: biases on q, o and the feed-forward part, no scales, prompts in all layers but the first). A key that is set goes before the preset.
/// </remarks>
public sealed record LlamaAdapterV2Options : PeftOptions
{
    internal const string Paper = "paper", Chat = "chat", MultiModal = "multi-modal";

    private static readonly Targets ReleasedBiases = new(["q_proj", "o_proj", "gate_proj", "down_proj", "up_proj"]);

    /// <summary><c>paper</c>, <c>chat</c> or <c>multi-modal</c>.</summary>
    public string Preset { get; set; } = Paper;

    /// <summary>Where the scale stands: at the <c>output</c> of a layer, at its <c>input</c>, or <c>none</c>.</summary>
    public string? Scale { get; set; }

    /// <summary>Which linear layers get a scale and a bias.</summary>
    public Targets? Targets { get; set; }

    /// <summary>Whether the norms are trained.</summary>
    public bool Norms { get; set; } = true;

    /// <summary>K: the rows of a prompt; 0 for no prompts.</summary>
    public int? PromptLength { get; set; }

    /// <summary>L: the topmost layers that get a prompt; all but the first where unset.</summary>
    public int? Layers { get; set; }

    /// <summary>What the prompts' gates go through: <c>tanh</c> or <c>identity</c>.</summary>
    public string GateActivation { get; set; } = Peft.GateActivation.Tanh;

    /// <summary>r of a LoRA on every linear layer that trains along, unscaled (α = r), as in the released LORA-BIAS-7B; 0 for none.</summary>
    public int LoraRank { get; set; }

    internal string ScalePosition => Scale ?? Preset switch { Chat => ScaledLinear.Input, MultiModal => ScaledLinear.None, _ => ScaledLinear.Output };

    internal Targets Scaled => Targets ?? (Preset == MultiModal ? ReleasedBiases : new Targets(Peft.Targets.AllLinear));

    internal int Prompts => PromptLength ?? (Preset == Chat ? 0 : 10);

    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        problems.UnlessOneOf("preset", Preset, [Paper, Chat, MultiModal]);
        problems.UnlessOneOf("scale", ScalePosition, ScaledLinear.Positions);
        Scaled.Validate(problems);
        problems.Unless(Prompts is >= 0 and <= 4_096, $"prompt_length: must lie from 0 to 4096, got {Prompts}.");
        problems.UnlessOneOf("gate_activation", GateActivation, Peft.GateActivation.All);
        problems.Unless(LoraRank is >= 0 and <= 65_536, $"lora_rank: must lie from 0 to 65536, got {LoraRank}.");
    }

    /// <inheritdoc/>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var adapter = new Adapter(this);
        foreach (var slot in Scaled.Select(model))
            ScaledLinear.Attach(adapter, slot, ScalePosition, model.Device);
        foreach (var slot in LoraRank > 0 ? model.Linears : [])
            LoraLinear.Attach(adapter, slot, new LoraOptions { Rank = LoraRank, Alpha = LoraRank }, model.Device, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
        if (Norms)
            NormsOptions.Train(adapter, model);
        if (Prompts > 0)
            AttachPrompts(adapter, model, seed);
        return adapter;
    }

    private void AttachPrompts(Adapter adapter, LlamaModel model, ulong seed)
    {
        foreach (var block in TopLayers.Of(model, Layers ?? Math.Max(1, model.Blocks.Count - 1)))
            GatedPrompt.Attach(adapter, block.Attention, model, Prompts, model.Config.Heads, GateActivation, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
    }

    internal override string? Unmergeable => "biases and prompts have no place in the weights of a LLaMA.";

    internal override string? Stalled(Adapter adapter) => Peft.Stalled.Together(adapter, GatedPrompt.PromptName, GatedPrompt.GateName);
}
