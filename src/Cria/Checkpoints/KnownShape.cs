using System.Text.Json.Nodes;

namespace Cria.Checkpoints;

/// <summary>What the tensors of a dense LLaMA tell of its shape, where no settings do; null for what they do not tell.</summary>
/// <remarks>They tell neither the number of heads nor ε nor θ: the same tensors fit many.</remarks>
public sealed record KnownShape
{
    /// <summary>d, from the last norm.</summary>
    public long? HiddenSize { get; private init; }

    /// <summary>L, from the names.</summary>
    public long? Layers { get; private init; }

    /// <summary>f, from the rows of gate.</summary>
    public long? IntermediateSize { get; private init; }

    /// <summary>V, from the rows of the embedding.</summary>
    public long? VocabularySize { get; private init; }

    /// <summary>H·D, from the rows of q.</summary>
    public long? QuerySize { get; private init; }

    /// <summary>K·D, from the rows of k.</summary>
    public long? KeySize { get; private init; }

    /// <summary>Whether there is no output head besides the embedding.</summary>
    public bool TiedHead { get; private init; }

    /// <summary>Reads names and shapes only.</summary>
    public static KnownShape Of(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        long? Rows(string name) => checkpoint.Tensors.TryGetValue(name, out var info) && info.Shape.Rank > 0 ? info.Shape[0] : null;
        int layers = 0;
        while (checkpoint.Tensors.ContainsKey($"model.layers.{layers}.self_attn.q_proj.weight"))
            layers++;
        return new KnownShape
        {
            HiddenSize = Rows("model.norm.weight"),
            Layers = layers > 0 ? layers : null,
            IntermediateSize = Rows("model.layers.0.mlp.gate_proj.weight"),
            VocabularySize = Rows("model.embed_tokens.weight"),
            QuerySize = Rows("model.layers.0.self_attn.q_proj.weight"),
            KeySize = Rows("model.layers.0.self_attn.k_proj.weight"),
            TiedHead = !checkpoint.Tensors.ContainsKey("lm_head.weight"),
        };
    }

    /// <summary>What is known, by the keys of <c>config.json</c> where it has one.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var (key, value) in new[]
        {
            ("num_hidden_layers", Layers), ("hidden_size", HiddenSize), ("intermediate_size", IntermediateSize), ("vocab_size", VocabularySize),
            ("query_size", QuerySize), ("key_size", KeySize),
        })
        {
            if (value is { } known)
                json[key] = known;
        }
        json["tie_word_embeddings"] = TiedHead;
        return json;
    }
}
