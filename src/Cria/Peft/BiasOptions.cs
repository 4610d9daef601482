using Cria.Models;

namespace Cria.Peft;

/// <summary>Only a bias on linear layers, which LLaMA has none of: y = W x + b, b zero at first.</summary>
/// <remarks>As BitFit, Ben Zaken et al. 2021, <see href="https://arxiv.org/abs/2106.10199"/>, for a model without biases.</remarks>
public sealed record BiasOptions : PeftOptions
{
    /// <summary>Which linear layers.</summary>
    public Targets Targets { get; set; } = new(Targets.AllLinear);

    /// <inheritdoc/>
    public override void Validate(Problems problems) => Targets.Validate(problems);

    /// <inheritdoc/>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Adapter.Of(this, model, adapter =>
        {
            foreach (var slot in Targets.Select(model))
                ScaledLinear.Attach(adapter, slot, ScaledLinear.None, model.Device);
        });
    }

    internal override string? Unmergeable => "a LLaMA has no biases to fold these into.";
}
