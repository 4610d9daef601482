using System.Text.Json.Nodes;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>LLaMA-Adapter: mixed += tanh(g) · softmax(q kₚᵀ / √D) vₚ in the top layers, with kₚ, vₚ from a trained prompt.</summary>
/// <remarks>
/// Zhang et al. 2023, <see href="https://arxiv.org/abs/2303.16199"/>. The prompt goes through the frozen projections as it is: it is not
/// normalised and not turned by a position, and every token sees all of it. The weights of the words and those of the prompt are two softmaxes,
/// each of which adds up to one. Tensor names are those of huggingface/peft's ADAPTION_PROMPT.
/// </remarks>
public sealed record LlamaAdapterOptions : PeftOptions
{
    /// <summary>K: the rows of a prompt.</summary>
    public int PromptLength { get; set; } = 10;

    /// <summary>L: the topmost layers that get one; 15 of 16 where unset.</summary>
    public int? Layers { get; set; }

    /// <summary>What the gate goes through: <c>tanh</c> as in the authors' training code, or <c>identity</c> as in peft.</summary>
    public string GateActivation { get; set; } = Peft.GateActivation.Tanh;

    /// <summary>One gate for each head, as the authors have, or a <c>single</c> one for the layer, as peft has.</summary>
    public string Gate { get; set; } = PerHead;

    internal const string PerHead = "per-head", Single = "single";

    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        problems.Unless(PromptLength is >= 1 and <= 4_096, $"prompt_length: must lie from 1 to 4096, got {PromptLength}.");
        problems.UnlessOneOf("gate_activation", GateActivation, Peft.GateActivation.All);
        problems.UnlessOneOf("gate", Gate, [PerHead, Single]);
    }

    /// <inheritdoc/>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        int gates = Gate == Single ? 1 : model.Config.Heads;
        return Adapter.Of(this, model, adapter =>
        {
            foreach (var block in TopLayers.Of(model, Layers))
                GatedPrompt.Attach(adapter, block.Attention, model, PromptLength, gates, GateActivation, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
        });
    }

    internal override JsonObject ToConfig(Adapter adapter, string baseModel) => PromptConfig.Write(this, adapter);

    internal override ImageShape Images(LlamaConfig config) => PromptRows.Images(PromptLength, config.HiddenSize);

    internal override string? Unmergeable => "a prompt is seen beside the words, by an attention of its own: no weight of the base could do the same.";

    internal override string? Stalled(Adapter adapter) => Peft.Stalled.Together(adapter, GatedPrompt.PromptName, GatedPrompt.GateName);
}
