using Cria.Models;

namespace Cria.Peft;

/// <summary>How many of the topmost layers a method adapts: prompts help where the meaning is, and the layers below cost no backward pass.</summary>
internal static class TopLayers
{
    /// <summary>The topmost layers, from the lowest of them up. Unset, 15 of 16 as in the papers (30 of 32).</summary>
    /// <exception cref="OptionsException">The model has fewer.</exception>
    public static IEnumerable<LlamaBlock> Of(LlamaModel model, int? count)
    {
        ArgumentNullException.ThrowIfNull(model);
        int all = model.Blocks.Count, wanted = count ?? Math.Max(1, all * 15 / 16);
        var problems = new Problems();
        problems.Unless(wanted >= 1 && wanted <= all, $"layers: must lie from 1 to the {all} layers of this model, got {wanted}.");
        problems.ThrowIfAny();
        return model.Blocks.Skip(all - wanted);
    }
}
