using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>Self-attention with grouped heads: o(softmax(q kᵀ / √D) v), q and k turned by their positions.</summary>
/// <remarks>
/// Shapes: N rows (tokens of any number of sequences, one after another), M rows that can be seen, H heads, K key/value heads,
/// D numbers per head. Ainslie et al. 2023, <see href="https://arxiv.org/abs/2305.13245"/>, for the groups.
/// </remarks>
public sealed class Attention
{
    private readonly LlamaConfig config;
    private readonly int layer;
    private readonly string path;

    /// <summary>The attention of one layer.</summary>
    public Attention(LlamaConfig config, int layer, WeightScope weights)
    {
        (this.config, this.layer, path) = (config, layer, weights.Path);
        string hidden = $"hidden_size {config.HiddenSize}";
        string heads = $"num_attention_heads {config.Heads} × head_dim {config.HeadSize}, {hidden}";
        string keys = $"num_key_value_heads {config.KeyValueHeads} × head_dim {config.HeadSize}, {hidden}";
        Query = new Linear(weights["q_proj"], config.HiddenSize, config.QuerySize, heads);
        Key = new Linear(weights["k_proj"], config.HiddenSize, config.KeySize, keys);
        Value = new Linear(weights["v_proj"], config.HiddenSize, config.KeySize, keys);
        Output = new Linear(weights["o_proj"], config.QuerySize, config.HiddenSize, heads);
    }

    /// <summary>The projection of the queries, from d to H·D.</summary>
    public ILinear Query { get; set; }

    /// <summary>The projection of the keys, from d to K·D.</summary>
    public ILinear Key { get; set; }

    /// <summary>The projection of the values, from d to K·D.</summary>
    public ILinear Value { get; set; }

    /// <summary>The projection back, from H·D to d.</summary>
    public ILinear Output { get; set; }

    /// <summary>What adapters add, in the order in which they were attached.</summary>
    public IList<IAttentionExtra> Extras { get; } = [];

    /// <summary>D: the numbers of one head.</summary>
    public int HeadSize => config.HeadSize;

    /// <summary>The path as in a Hugging Face checkpoint, such as <c>model.layers.0.self_attn</c>.</summary>
    public string Path => path;

    /// <summary>The four projections.</summary>
    public IEnumerable<LinearSlot> Linears =>
    [
        new($"{path}.q_proj", () => Query, linear => Query = linear),
        new($"{path}.k_proj", () => Key, linear => Key = linear),
        new($"{path}.v_proj", () => Value, linear => Value = linear),
        new($"{path}.o_proj", () => Output, linear => Output = linear),
    ];

    /// <summary>From x (N, d) to (N, d).</summary>
    public Tensor Forward(Tensor x, ForwardContext context)
    {
        var projected = Linear.Each(x, context, Query, Key, Value);
        var (q, k, v) = (projected[0], projected[1], projected[2]);             // (N, H·D), (N, K·D), (N, K·D)
        (q, k) = (q.Rotate(context.Angles), k.Rotate(context.Angles));
        foreach (var extra in Extras)
            k = extra.Keys(this, x, k, context);
        if (context.Cache is { } cache)
            (k, v) = cache.Append(layer, k, v, context);                        // (M, K·D)

        var mixed = Tensor.Attend(q, k, v, HeadSize, context.Spans);            // (N, H·D)
        foreach (var extra in Extras)
            mixed = extra.Mix(this, q, mixed, context);
        return Output.Forward(mixed, context);                                  // (N, d)
    }
}
