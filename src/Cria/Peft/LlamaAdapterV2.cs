using System.Text.Json.Nodes;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>LLaMA-Adapter V2: a scale and a bias on every linear layer, trained norms, and gated prompts as in V1; images enter early.</summary>
/// <remarks>
/// Gao et al. 2023, <see href="https://arxiv.org/abs/2304.15010"/>. Three things carry this name, and each is a preset: <c>paper</c>
/// (y = s ⊙ (W x + b), prompts in all layers but the first), <c>chat</c> (the released 65B code: y = W (s ⊙ x) + b, no prompts) and <c>multi-modal</c> (the
/// released 7B code: biases on q, o and the feed-forward part, no scales, prompts in all layers but the first, to which images are added). A key that is set goes before the preset.
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

    /// <summary>L: the topmost layers that get a prompt; where unset, all but the first, or but those that see images.</summary>
    public int? Layers { get; set; }

    /// <summary>What the gates of prompts and images go through: <c>tanh</c> or <c>identity</c>.</summary>
    public string GateActivation { get; set; } = Peft.GateActivation.Tanh;

    /// <summary>r of a LoRA on every linear layer that trains along, unscaled (α = r), as in the released LORA-BIAS-7B; 0 for none.</summary>
    public int LoraRank { get; set; }

    /// <summary>Early fusion: how many of the first layers see the image, through gates of their own; 0 where none does. No layer has a prompt too.</summary>
    public int VisualLayers { get; set; }

    /// <summary>The rows of an image's features, where it is fused early.</summary>
    public int VisualLength { get; set; } = 20;

    /// <summary>D_v: the width of image features that a trained projection brings to the hidden size; null where they have it already.</summary>
    public int? VisionDim { get; set; }

    /// <summary>Joint training: batches that show images move the tensors of <see cref="ImageTrains"/>, all others those of <see cref="TextTrains"/>.</summary>
    public bool Joint { get; set; }

    /// <summary>What batches with images move: of <c>visual_projection</c>, <c>visual_gate</c>, <c>prompt</c>, <c>gate</c>, <c>norm</c>, <c>bias</c>, <c>scale</c>, <c>lora</c>.</summary>
    public IReadOnlyList<string> ImageTrains { get; set; } = [JointGroups.Projection, JointGroups.VisualGate];

    /// <summary>What batches without images move.</summary>
    public IReadOnlyList<string> TextTrains { get; set; } = [JointGroups.Prompt, JointGroups.Gate, JointGroups.Norm, JointGroups.Bias, JointGroups.Scale, JointGroups.Lora];

    internal string ScalePosition => Scale ?? Preset switch { Chat => ScaledLinear.Input, MultiModal => ScaledLinear.None, _ => ScaledLinear.Output };

    internal Targets Scaled => Targets ?? (Preset == MultiModal ? ReleasedBiases : new Targets(Peft.Targets.AllLinear));

    internal int Prompts => PromptLength ?? (Preset == Chat ? 0 : 10);

    internal override bool IsJoint => Joint;

    internal override string? Unmergeable => "biases, prompts and images have no place in the weights of a LLaMA.";

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
        problems.Unless(VisualLayers >= 0, $"visual_layers: must be 0 or more, got {VisualLayers}.");
        problems.Unless(VisualLength is >= 1 and <= 65_536, $"visual_length: must lie from 1 to 65536, got {VisualLength}.");
        problems.Unless(VisionDim is null or (>= 1 and <= 65_536), $"vision_dim: must lie from 1 to 65536, got {VisionDim}.");
        problems.Unless(VisionDim is null || VisualLayers > 0, "vision_dim: nothing is projected without visual_layers.");
        if (Joint)
            JointGroups.Validate(ImageTrains, TextTrains, [.. Kinds()], problems);
    }

    /// <inheritdoc/>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Adapter.Of(this, model, adapter =>
        {
            foreach (var slot in Scaled.Select(model))
                ScaledLinear.Attach(adapter, slot, ScalePosition, model.Device);
            foreach (var slot in LoraRank > 0 ? model.Linears : [])
                LoraLinear.Attach(adapter, slot, new LoraOptions { Rank = LoraRank, Alpha = LoraRank }, model.Device, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
            if (Norms)
                NormsOptions.Train(adapter, model);
            if (Prompts > 0)
                AttachPrompts(adapter, model, seed);
            if (VisualLayers > 0)
                AttachImages(adapter, model, seed);
        });
    }

    internal override ImageShape? Images(LlamaConfig config)
    {
        if (VisualLayers > 0)
            return new([VisualLength], VisionDim ?? config.HiddenSize, $"visual_length {VisualLength} and {(VisionDim is { } width ? $"vision_dim {width}" : $"hidden_size {config.HiddenSize}")}");
        return Prompts > 0 ? PromptRows.Images(Prompts, config.HiddenSize) : null;
    }

    internal override bool Moves(Parameter parameter, bool showsImages) => !Joint || (showsImages ? ImageTrains : TextTrains).Contains(JointGroups.KindOf(parameter.Name));

    internal override JsonObject ToConfig(Adapter adapter, string baseModel) => PromptConfig.Write(this, adapter);

    internal override string? Stalled(Adapter adapter) =>
        Peft.Stalled.Together(adapter, GatedPrompt.PromptName, GatedPrompt.GateName) ?? Peft.Stalled.Behind(adapter, VisualPrompt.ProjectionName, VisualPrompt.GateName);

    // The same layer never has both: a prompt stands above the layers that see images.
    private void AttachPrompts(Adapter adapter, LlamaModel model, ulong seed)
    {
        int below = Math.Max(1, VisualLayers), layers = Layers ?? Math.Max(1, model.Blocks.Count - below);
        if (layers + VisualLayers > model.Blocks.Count)
            throw new OptionsException([$"layers, visual_layers: {layers} topmost layers with a prompt and {VisualLayers} first layers with an image overlap in a model of {model.Blocks.Count}."]);
        foreach (var block in TopLayers.Of(model, layers))
            GatedPrompt.Attach(adapter, block.Attention, model, Prompts, model.Config.Heads, GateActivation, RandomSource.Mix(seed, (ulong)adapter.Trained.Count), seesImages: VisualLayers == 0);
    }

    private void AttachImages(Adapter adapter, LlamaModel model, ulong seed)
    {
        if (VisualLayers > model.Blocks.Count)
            throw new OptionsException([$"visual_layers: must lie from 0 to the {model.Blocks.Count} layers of this model, got {VisualLayers}."]);
        var projection = VisionDim is { } width ? VisualPrompt.Project(adapter, model, width, RandomSource.Mix(seed, (ulong)adapter.Trained.Count)) : null;
        foreach (var block in model.Blocks.Take(VisualLayers))
            VisualPrompt.Attach(adapter, block.Attention, model, Images(model.Config)!, projection, GateActivation);
    }

    private IEnumerable<string> Kinds()
    {
        yield return JointGroups.Bias;
        if (ScalePosition != ScaledLinear.None)
            yield return JointGroups.Scale;
        if (LoraRank > 0)
            yield return JointGroups.Lora;
        if (Norms)
            yield return JointGroups.Norm;
        foreach (string kind in Prompts > 0 ? [JointGroups.Prompt, JointGroups.Gate] : Array.Empty<string>())
            yield return kind;
        if (VisualLayers > 0)
            yield return JointGroups.VisualGate;
        if (VisionDim is not null)
            yield return JointGroups.Projection;
    }
}
