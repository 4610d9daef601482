using System.Text.Json.Nodes;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>LLaMA-Excitor: k̃ = k + g · softmax(E_q Pᵀ / √D) P in the top layers, E_q = B A x, with a trained prompt P: the words draw attention anew, the values stay.</summary>
/// <remarks>
/// Zou et al. 2024, <see href="https://arxiv.org/abs/2404.00913"/>. The authors released no code: this is reconstructed from their figures, and what
/// they leave open is an option. S = q kᵀ + g · q eᵀ = q (k + g e)ᵀ, so the extra key goes into the cache with the key, and attention costs nothing more.
/// </remarks>
public sealed record ExcitorOptions : PeftOptions
{
    internal const string PerHead = "per-head", Single = "single";      // gates
    internal const string Whole = "whole";                              // softmax
    internal const string HeadSize = "head_dim", None = "none";         // scale

    /// <summary>K: the rows of a prompt.</summary>
    public int PromptLength { get; set; } = 30;

    /// <summary>L: the topmost layers that are adapted; 15 of 16 where unset.</summary>
    public int? Layers { get; set; }

    /// <summary>r: the inner width of the map from hidden states to prompt queries.</summary>
    public int Rank { get; set; } = 16;

    /// <summary>One gate for each key/value head (<c>per-head</c>), or a <c>single</c> one for the layer.</summary>
    public string Gate { get; set; } = PerHead;

    /// <summary>What the gate goes through: <c>identity</c> or <c>tanh</c>.</summary>
    public string GateActivation { get; set; } = Peft.GateActivation.Identity;

    /// <summary>Whether each head weighs the prompt for itself (<c>per-head</c>), or all heads together (<c>whole</c>).</summary>
    public string Softmax { get; set; } = PerHead;

    /// <summary>What the scores over the prompt are divided by: √D (<c>head_dim</c>), or nothing (<c>none</c>).</summary>
    public string SoftmaxScale { get; set; } = HeadSize;

    /// <summary>Whether the extra key is turned by the position of its token.</summary>
    public bool RopeOnExtra { get; set; }

    /// <summary>D_v: the width of image features, whose tokens join the prompt; null where there are no images.</summary>
    public int? VisionDim { get; set; }

    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        problems.Unless(PromptLength is >= 1 and <= 4_096, $"prompt_length: must lie from 1 to 4096, got {PromptLength}.");
        problems.Unless(Rank is >= 1 and <= 65_536, $"rank: must lie from 1 to 65536, got {Rank}.");
        problems.UnlessOneOf("gate", Gate, [PerHead, Single]);
        problems.UnlessOneOf("gate_activation", GateActivation, Peft.GateActivation.All);
        problems.UnlessOneOf("softmax", Softmax, [PerHead, Whole]);
        problems.UnlessOneOf("softmax_scale", SoftmaxScale, [HeadSize, None]);
        problems.Unless(VisionDim is null or (>= 1 and <= 65_536), $"vision_dim: must lie from 1 to 65536, got {VisionDim}.");
    }

    /// <inheritdoc/>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Adapter.Of(this, model, adapter =>
        {
            foreach (var block in TopLayers.Of(model, Layers))
            {
                var attention = block.Attention;
                var excited = new ExcitedKeys(this, adapter, attention.Path, model, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
                attention.Extras.Add(excited);
                adapter.OnDetach(() => attention.Extras.Remove(excited));
            }
        });
    }

    internal override JsonObject ToConfig(Adapter adapter, string baseModel) => ExcitorConfig.Write(this, adapter);

    internal override ImageShape? Images(LlamaConfig config) => VisionDim is { } width ? ShapeOf(width) : null;

    internal static ImageShape ShapeOf(int width) => new([], width, $"vision_dim {width}");

    internal override string? Unmergeable => "the extra keys depend on the token: no weight of the base could do the same.";

    internal override string? Stalled(Adapter adapter) => Peft.Stalled.Together(adapter, ExcitedKeys.PromptName, ExcitedKeys.GateName);
}

/// <summary>The extra keys of one layer. C' is the width of its keys, K·D.</summary>
internal sealed class ExcitedKeys : IAttentionExtra
{
    public const string PromptName = "excitor_prompt", GateName = "excitor_gate";

    private readonly ExcitorOptions options;
    private readonly Adapter adapter;
    private readonly Parameter prompt;          // (K, C')
    private readonly LowRank queries;           // d → r → C'
    private readonly Parameter gate;            // (K heads), or (1)
    private readonly LowRank? imageKeys;        // D_v → r → C'
    private readonly LowRank? imageValues;

    public ExcitedKeys(ExcitorOptions options, Adapter adapter, string path, LlamaModel model, ulong seed)
    {
        (this.options, this.adapter) = (options, adapter);
        var (device, config) = (model.Device, model.Config);

        // Only the gate starts at zero: were the prompt zero too, neither would ever move.
        prompt = adapter.Train($"{path}.{PromptName}", device.Normal(new Shape(options.PromptLength, config.KeySize), 1, seed));
        queries = Map("excitor_q", config.HiddenSize, 1);
        gate = adapter.Train($"{path}.{GateName}", device.Zeros(new Shape(options.Gate == ExcitorOptions.Single ? 1 : config.KeyValueHeads)));
        if (options.VisionDim is not { } width)
            return;
        imageKeys = Map("excitor_k", width, 2);
        imageValues = Map("excitor_v", width, 3);

        LowRank Map(string name, int @in, ulong stream) =>
            new(adapter, $"{path}.{name}", @in, options.Rank, config.KeySize, device, RandomSource.Mix(seed, stream));
    }

    public Tensor Keys(Attention attention, Tensor x, Tensor k, ForwardContext context)
    {
        if (!adapter.Enabled)
            return k;
        int width = options.Softmax == ExcitorOptions.PerHead ? attention.HeadSize : k.Shape.Columns;
        float scale = options.SoftmaxScale == ExcitorOptions.None ? 1 : 1 / MathF.Sqrt(attention.HeadSize);
        var (keys, values, spans) = Prompt(context);
        var extra = Tensor.Attend(queries.Forward(x), keys, values, width, spans, scale);       // (N, C')
        if (options.RopeOnExtra)
            extra = extra.Rotate(context.Angles);
        return k + extra.ScaleColumns(GateActivation.Apply(options.GateActivation, gate.Value) * adapter.Scale);
    }

    // The prompt is key and value at once; the tokens of an image stand behind it, with maps of their own.
    private (Tensor Keys, Tensor Values, IReadOnlyList<AttentionSpan> Spans) Prompt(ForwardContext context)
    {
        if (imageKeys is null || context.Images.All(image => image is null))
            return (prompt.Value, prompt.Value, [new AttentionSpan(0, context.Positions.Count, 0, prompt.Value.Shape.Rows, Causal: false)]);
        var images = new ImageTokens(context, ExcitorOptions.ShapeOf(options.VisionDim!.Value), options.PromptLength);
        var keys = Tensor.Concatenate(prompt.Value, imageKeys.Forward(images.Features)).Rows(images.Order);
        var values = Tensor.Concatenate(prompt.Value, imageValues!.Forward(images.Features)).Rows(images.Order);
        return (keys, values, images.Spans);
    }
}
