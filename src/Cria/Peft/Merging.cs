using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Folds an adapter into the weights it stands on, so that using it costs nothing; and takes it out again.</summary>
public static class Merging
{
    /// <summary>W ← W + ΔW in every adapted layer; the adapter itself is switched off.</summary>
    /// <exception cref="OptionsException">The method cannot be folded into weights.</exception>
    /// <returns>What takes the merge back: the very weights from before, bit for bit.</returns>
    /// <remarks>A float weight keeps its storage type. A quantised one becomes f32: stored in few bits again, it would lose what was trained.</remarks>
    public static Merge Merge(this Adapter adapter, LlamaModel model)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(model);
        var problems = new Problems();
        if (adapter.Options.Unmergeable is { } reason)
            problems.Add($"merge: {reason}");
        problems.ThrowIfAny();
        var before = new List<(Parameter Weight, Tensor Value)>();
        foreach (var slot in model.Linears)
        {
            foreach (var lora in Layers(slot.Linear).OfType<LoraLinear>().Where(adapter.Loras.Contains))
            {
                var weight = AdaptedLinear.Base(slot.Linear).Weight;
                before.Add((weight, weight.Value));
                weight.Value = InTypeOf(weight.Value, lora.Merged(weight.Value));
            }
        }
        foreach (var extra in model.EmbeddingExtras.Where(extra => adapter.Embeddings.Contains(extra)))
        {
            using var off = Gradients.Off();
            before.Add((model.Embedding, model.Embedding.Value));
            model.Embedding.Value = InTypeOf(model.Embedding.Value, extra.Merge(model.Embedding.Value.To(DataType.F32)));
        }
        var standing = adapter.Replaced.Select(one => (one.Parameter, one.Parameter.Value)).ToList();
        adapter.Enabled = false;
        foreach (var (weight, value) in standing)
        {
            before.Add((weight, weight.Value));
            weight.Value = value;
        }
        return new Merge(adapter, before);
    }

    private static Tensor InTypeOf(Tensor weight, Tensor merged) => weight.Type.IsFloat ? merged.To(weight.Type) : merged;

    internal static IEnumerable<ILinear> Layers(ILinear linear)
    {
        for (ILinear? layer = linear; layer is not null; layer = (layer as AdaptedLinear)?.Inner)
            yield return layer;
    }
}

/// <summary>A merge that can be taken back.</summary>
public sealed class Merge
{
    private readonly Adapter adapter;
    private readonly IReadOnlyList<(Parameter Weight, Tensor Value)> before;

    internal Merge(Adapter adapter, IReadOnlyList<(Parameter Weight, Tensor Value)> before) => (this.adapter, this.before) = (adapter, before);

    /// <summary>Puts the weights from before back, and switches the adapter on.</summary>
    public void Undo()
    {
        foreach (var (weight, value) in before)
            weight.Value = value;
        adapter.Enabled = true;
    }
}
