using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>An image that the tokens of a layer see beside the words, weighed by a gate: mixed += tanh(g) · softmax(q kᵥ / √D) vᵥ with kᵥ, vᵥ from the projected image.</summary>
/// <remarks>LLaMA-Adapter V2's early fusion (section 3.3). A sequence that shows nothing sees nothing here.</remarks>
internal sealed class VisualPrompt : IAttentionExtra
{
    public const string GateName = "visual_gate", ProjectionName = "model.visual_projection.weight";

    private readonly Adapter adapter;
    private readonly string activation;
    private readonly ImageShape shape;
    private readonly Parameter? projection;     // (d, D_v), one for all layers
    private readonly Parameter gate;            // (H)

    private VisualPrompt(Adapter adapter, string path, string activation, ImageShape shape, Parameter? projection, Tensor gate)
    {
        (this.adapter, this.activation, this.shape, this.projection) = (adapter, activation, shape, projection);
        this.gate = adapter.Train($"{path}.{GateName}", gate);
    }

    /// <summary>The map from image features to hidden states.</summary>
    public static Parameter Project(Adapter adapter, LlamaModel model, int width, ulong seed) =>
        adapter.Train(ProjectionName, model.Device.Uniform(new Shape(model.Config.HiddenSize, width), 1 / MathF.Sqrt(width), seed));

    /// <summary>Adds one to a layer. Its gate is shut at first.</summary>
    public static void Attach(Adapter adapter, Attention attention, LlamaModel model, ImageShape shape, Parameter? projection, string activation)
    {
        var extra = new VisualPrompt(adapter, attention.Path, activation, shape, projection, model.Device.Zeros(new Shape(model.Config.Heads)));
        attention.Extras.Add(extra);
        adapter.OnDetach(() => attention.Extras.Remove(extra));
    }

    public Tensor Mix(Attention attention, Tensor q, Tensor mixed, ForwardContext context)
    {
        if (!adapter.Enabled || context.Images.All(image => image is null))
            return mixed;
        var images = new ImageTokens(context, shape, prompt: 0);
        var rows = projection is null ? images.Features : images.Features.Linear(projection.Value);
        var seen = Tensor.Attend(q, attention.Key.Forward(rows, context), attention.Value.Forward(rows, context), attention.HeadSize, images.Spans);
        return mixed + seen.ScaleColumns(GateActivation.Apply(activation, gate.Value) * adapter.Scale);
    }
}
