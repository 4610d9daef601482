using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>The tensors of a model with the adapters attached to it folded in: each is made when it is asked for, so that a large model never stands in memory twice.</summary>
internal static class MergedTensors
{
    /// <summary>By its name in a checkpoint, what makes each tensor. One that no adapter changes is the model's own, whatever its type; others are f32.</summary>
    public static IReadOnlyDictionary<string, Func<Tensor>> Of(LlamaModel model)
    {
        var made = new Dictionary<string, Func<Tensor>>();
        foreach (var slot in model.Linears)
        {
            var weight = AdaptedLinear.Base(slot.Linear).Weight;
            // The layer next to the weight was attached first.
            List<LoraLinear> loras = [.. Merging.Layers(slot.Linear).OfType<LoraLinear>().Reverse()];
            made[weight.Name] = () => loras.Aggregate(weight.Value, (sum, lora) => lora.Merged(sum));
        }
        foreach (var norm in model.Blocks.SelectMany(block => new[] { block.AttentionNorm, block.MlpNorm }).Append(model.Norm))
            made[norm.Weight.Name] = () => norm.Weight.Value;
        made[LlamaShapes.Head] = () => model.Head.Value;      // apart from the embedding, should a tied head not follow it
        made[LlamaShapes.Embedding] = () => model.EmbeddingExtras.Count == 0 ? model.Embedding.Value : Embedding(model);
        return made;
    }

    private static Tensor Embedding(LlamaModel model)
    {
        using var off = Gradients.Off();
        return model.EmbeddingExtras.Aggregate(model.Embedding.Value.To(DataType.F32), (table, extra) => extra.Merge(table));
    }
}
