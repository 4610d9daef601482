using Cria.Models;

namespace Cria.Peft;

/// <summary>Full fine-tuning: every weight moves. The baseline that the other methods are compared to, and how a model is made from nothing.</summary>
public sealed record FullOptions : PeftOptions
{
    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
    }

    /// <inheritdoc/>
    /// <remarks>The base's tensors are replaced by f32 copies; <see cref="Adapter.Detach"/> puts them back.</remarks>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Linears.FirstOrDefault(slot => slot.Linear is not Linear) is { } wrapped)
            throw new OptionsException([$"full: {wrapped.Path} carries an adapter already: detach it first, or merge it."]);
        return Adapter.Of(this, model, adapter =>
        {
            foreach (var parameter in model.Parameters)
                adapter.TrainCopyOf(parameter, model.Device);
        });
    }
}
