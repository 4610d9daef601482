using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>A LoRA on the embedding: y = E[id] + s · B A[:, id].</summary>
internal sealed class LoraEmbedding : IEmbeddingExtra
{
    private readonly Adapter adapter;
    private readonly float scaling;
    private readonly Parameter a;       // (r, V)
    private readonly Parameter b;       // (d, r)

    private LoraEmbedding(Adapter adapter, LlamaModel model, LoraOptions options, ulong seed)
    {
        this.adapter = adapter;
        string path = model.Embedding.Name[..^".weight".Length];
        int rank = (int)(LayerPattern.Find(options.RankPattern, path) ?? options.Rank);
        scaling = options.Scaling(rank, (float)(LayerPattern.Find(options.AlphaPattern, path) ?? options.Alpha));

        // A is zero here and B random, the other way round than in a linear layer: a token that is never seen then never moves.
        a = adapter.Train($"{path}.lora_embedding_A", model.Device.Zeros(new Shape(rank, model.Config.VocabularySize)));
        b = adapter.Train($"{path}.lora_embedding_B", model.Device.Normal(new Shape(model.Config.HiddenSize, rank), 1, seed));
    }

    /// <summary>Puts one on a model's embedding.</summary>
    public static void Attach(Adapter adapter, LlamaModel model, LoraOptions options, ulong seed)
    {
        adapter.Extend(model, new LoraEmbedding(adapter, model, options, seed));
    }

    public Tensor Embed(int[] tokens, Tensor rows) =>
        adapter.Enabled ? rows + (a.Value.Columns(tokens) * (scaling * adapter.Scale)).Linear(b.Value) : rows;

    public Tensor Merge(Tensor table) => table + (Orthonormal.Transpose(a.Value) * (scaling * adapter.Scale)).Linear(b.Value);
}
