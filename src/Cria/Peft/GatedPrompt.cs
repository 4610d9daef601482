using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>A trained prompt that all tokens of a layer see beside the words, weighed by a gate.</summary>
internal sealed class GatedPrompt : IAttentionExtra
{
    public const string PromptName = "adaption_prompt", GateName = "adaption_gate";

    private readonly Adapter adapter;
    private readonly string activation;
    private readonly bool seesImages;
    private readonly Parameter prompt;      // (1, K, d)
    private readonly Parameter gate;        // (H), or (1) for all heads

    private GatedPrompt(Adapter adapter, string path, string activation, Tensor prompt, Tensor gate, bool seesImages)
    {
        (this.adapter, this.activation, this.seesImages) = (adapter, activation, seesImages);
        this.prompt = adapter.Train($"{path}.{PromptName}", prompt);
        this.gate = adapter.Train($"{path}.{GateName}", gate);
    }

    /// <summary>Adds a fresh one to a layer.</summary>
    public static void Attach(Adapter adapter, Attention attention, LlamaModel model, int length, int gates, string activation, ulong seed, bool seesImages = true)
    {
        // The gate starts at zero, so step 0 is the plain model. The prompt must not: the gate's gradient is proportional to it.
        var device = model.Device;
        var extra = new GatedPrompt(adapter, attention.Path, activation,
            device.Normal(new Shape(1, length, model.Config.HiddenSize), 1, seed), device.Zeros(new Shape(gates)), seesImages);
        attention.Extras.Add(extra);
        adapter.OnDetach(() => attention.Extras.Remove(extra));
    }

    public Tensor Mix(Attention attention, Tensor q, Tensor mixed, ForwardContext context)
    {
        if (!adapter.Enabled)
            return mixed;
        var rows = PromptRows.Of(context, prompt.Value.View(new Shape(prompt.Value.Shape.Rows, prompt.Value.Shape.Columns)), seesImages);
        var projected = rows.IsShared && context.Cache is { } cache
            ? cache.Remember(this, () => Project(attention, rows.Value, context))
            : Project(attention, rows.Value, context);
        var seen = Tensor.Attend(q, projected[0], projected[1], attention.HeadSize, rows.Spans);          // (N, H·D)
        return mixed + seen.ScaleColumns(GateActivation.Apply(activation, gate.Value) * adapter.Scale);
    }

    private static Tensor[] Project(Attention attention, Tensor prompt, ForwardContext context) =>
        [attention.Key.Forward(prompt, context), attention.Value.Forward(prompt, context)];
}
