using Cria.Models;

namespace Cria.Peft;

/// <summary>What of a model a LoRA adapts, and what it trains as a whole.</summary>
internal static class LoraTargets
{
    public const string Embedding = "embed_tokens";

    /// <summary>Whether the embedding is named among the targets. It is never part of all-linear.</summary>
    public static bool NamesEmbedding(Targets targets) => targets.Names.Contains(Embedding);

    /// <summary>The linear layers, without those that are excluded or lie in other blocks.</summary>
    /// <exception cref="OptionsException">A name, a block or an exclusion matches nothing.</exception>
    public static IReadOnlyList<LinearSlot> Slots(LoraOptions options, LlamaModel model)
    {
        string[] linear = [.. options.Targets.Names.Where(name => name != Embedding)];
        IReadOnlyList<LinearSlot> meant = options.Targets.Pattern is null && linear.Length == 0 ? [] : (options.Targets.Pattern is null ? new Targets(linear) : options.Targets).Select(model);
        var problems = new Problems();
        foreach (int layer in options.Layers)
            problems.Unless(layer >= 0 && layer < model.Blocks.Count, $"layers: this model has the layers 0 to {model.Blocks.Count - 1}, got {layer}.");
        foreach (string name in options.Exclude)
            problems.Unless(meant.Any(slot => Targets.EndsWith(slot.Path, name)), $"exclude: '{name}' matches none of the targets.");
        problems.ThrowIfAny();
        return [.. meant.Where(slot => !options.Exclude.Any(name => Targets.EndsWith(slot.Path, name))
            && (options.Layers.Count == 0 || options.Layers.Any(layer => slot.Path.Contains($".layers.{layer}.", StringComparison.Ordinal))))];
    }

    /// <summary>Trains tensors of the model itself, by the ends of their names as peft takes them: <c>norm</c> means every norm.</summary>
    /// <exception cref="OptionsException">A name matches nothing, or a layer that carries an adapter.</exception>
    public static void TrainWhole(Adapter adapter, LlamaModel model, IReadOnlyList<string> modules)
    {
        var problems = new Problems();
        var there = Whole(model).ToList();
        foreach (string name in modules)
        {
            var found = there.Where(parameter => parameter.Name[..^".weight".Length].EndsWith(name, StringComparison.Ordinal)).ToList();
            problems.Unless(found.Count > 0, $"modules_to_save: '{name}' is none of {string.Join(", ", there.Select(parameter => parameter.Name.Split('.')[^2]).Distinct())}.");
            problems.ThrowIfAny();
            foreach (var parameter in found)
                adapter.TrainCopyOf(parameter, model.Device);
        }
    }

    private static IEnumerable<Parameter> Whole(LlamaModel model) =>
    [
        model.Embedding,
        .. model.Blocks.SelectMany(block => new[] { block.AttentionNorm.Weight, block.MlpNorm.Weight }),
        .. model.Linears.Select(slot => slot.Linear).OfType<Linear>().Select(linear => linear.Weight),
        model.Norm.Weight,
        .. model.Config.TiedHead ? Array.Empty<Parameter>() : [model.Head],
    ];
}
