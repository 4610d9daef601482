using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Rows of the embedding that are trained as a whole, such as those of new special tokens; all others stay.</summary>
/// <remarks>peft's <c>trainable_token_indices</c>. Its tensor is called a delta, but holds the rows themselves.</remarks>
internal sealed class TrainedTokens : IEmbeddingExtra
{
    private readonly Adapter adapter;
    private readonly Dictionary<int, int> places;
    private readonly Parameter rows;        // (n, d)

    private TrainedTokens(Adapter adapter, LlamaModel model, IReadOnlyList<int> ids)
    {
        this.adapter = adapter;
        places = ids.Select((id, i) => (id, i)).ToDictionary();
        string path = model.Embedding.Name[..^".weight".Length];
        rows = adapter.Train($"{path}.token_adapter.trainable_tokens_delta", model.Embedding.Value.RowsAsFloats(0, ids.Count, row => ids[row]));
    }

    /// <summary>Trains these rows of a model's embedding.</summary>
    /// <exception cref="OptionsException">An id lies outside of the vocabulary or comes twice, or the head shares the embedding.</exception>
    public static void Attach(Adapter adapter, LlamaModel model, IReadOnlyList<int> ids)
    {
        var problems = new Problems();
        int vocabulary = model.Config.VocabularySize;
        foreach (int id in ids.Where(id => id < 0 || id >= vocabulary))
            problems.Add($"trainable_tokens: the vocabulary has the ids 0 to {vocabulary - 1}, got {id}.");
        problems.Unless(ids.Distinct().Count() == ids.Count, "trainable_tokens: an id comes twice.");
        var taken = model.EmbeddingExtras.OfType<TrainedTokens>().SelectMany(other => other.places.Keys).ToHashSet();
        foreach (int id in ids.Where(taken.Contains))
            problems.Add($"trainable_tokens: the row of token {id} belongs to another adapter of this model already: detach that one first.");
        problems.Unless(!model.Config.TiedHead, "trainable_tokens: the output head of this model is its embedding, and would need the same rows: train it whole (modules_to_save: [embed_tokens]).");
        problems.ThrowIfAny();
        adapter.Extend(model, new TrainedTokens(adapter, model, ids));
    }

    public Tensor Embed(int[] tokens, Tensor rows)
    {
        if (!adapter.Enabled || !tokens.Any(places.ContainsKey))
            return rows;
        int[] order = [.. tokens.Select((token, n) => places.TryGetValue(token, out int place) ? tokens.Length + place : n)];
        var chosen = Tensor.Concatenate(rows, this.rows.Value).Rows(order);
        return adapter.Scale == 1 ? chosen : rows * (1 - adapter.Scale) + chosen * adapter.Scale;
    }

    public Tensor Merge(Tensor table)
    {
        int[] order = [.. Enumerable.Range(0, table.Shape.Rows).Select(id => places.TryGetValue(id, out int place) ? table.Shape.Rows + place : id)];
        return Tensor.Concatenate(table, rows.Value).Rows(order);
    }
}
