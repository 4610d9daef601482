using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

/// <summary>Writes a checkpoint of Hugging Face's layout as Meta lays it out: names, order of the rows of q and k, shards, <c>params.json</c>.</summary>
internal static class MetaBytes
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["model.embed_tokens"] = "tok_embeddings",
        ["model.norm"] = "norm",
        ["lm_head"] = "output",
        ["input_layernorm"] = "attention_norm",
        ["self_attn.q_proj"] = "attention.wq",
        ["self_attn.k_proj"] = "attention.wk",
        ["self_attn.v_proj"] = "attention.wv",
        ["self_attn.o_proj"] = "attention.wo",
        ["post_attention_layernorm"] = "ffn_norm",
        ["mlp.gate_proj"] = "feed_forward.w1",
        ["mlp.down_proj"] = "feed_forward.w2",
        ["mlp.up_proj"] = "feed_forward.w3",
    };

    /// <summary>Writes the folder.</summary>
    /// <param name="from">The checkpoint.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="shards">How many files.</param>
    /// <param name="embeddingByRows">As since Llama 3; by columns before.</param>
    public static void Write(Checkpoint from, string folder, int shards, bool embeddingByRows)
    {
        var files = Enumerable.Range(0, shards).Select(_ => new TorchBytes()).ToList();
        foreach (string name in from.Tensors.Keys)
        {
            Assert.True(from.TryGet(name, out var tensor));
            var pieces = Split(Interleaved(name, tensor, (int)from.Config["head_dim"]!), shards, AxisOf(name, embeddingByRows));
            for (int i = 0; i < shards; i++)
                files[i].Tensor(NameOf(name), pieces[i]);
        }
        for (int i = 0; i < shards; i++)
            files[i].Floats("rope.freqs", [1, 2], 2).Write(Path.Combine(folder, $"consolidated.{i:00}.pth"));
        File.WriteAllText(Path.Combine(folder, "params.json"), Parameters(from.Config).ToJsonString());
    }

    /// <summary>A name in Meta's form.</summary>
    public static string NameOf(string name)
    {
        string module = name[..name.LastIndexOf('.')], kind = name[name.LastIndexOf('.')..];
        return module.Split('.', 4) is ["model", "layers", var layer, var part] ? $"layers.{layer}.{Names[part]}{kind}" : Names[module] + kind;
    }

    /// <summary>Rows of q and k in the order in which neighbours are rotated; all else as it is.</summary>
    public static Tensor Interleaved(string name, Tensor tensor, int headSize) => !name.Contains("q_proj.", StringComparison.Ordinal) && !name.Contains("k_proj.", StringComparison.Ordinal)
        ? tensor
        : new Tensor(tensor.Shape, tensor.Type, tensor.Device, RotaryRows.ToNeighbours(tensor.Storage, tensor.Shape.Rows, headSize));

    private static JsonObject Parameters(JsonObject config) => new()
    {
        ["dim"] = (int)config["hidden_size"]!,
        ["head_dim"] = (int)config["head_dim"]!,
        ["multiple_of"] = 4,
        ["n_heads"] = (int)config["num_attention_heads"]!,
        ["n_kv_heads"] = (int)config["num_key_value_heads"]!,
        ["n_layers"] = (int)config["num_hidden_layers"]!,
        ["norm_eps"] = (double)config["rms_norm_eps"]!,
        ["rope_theta"] = (double)config["rope_parameters"]!["rope_theta"]!,
        ["use_scaled_rope"] = (string?)config["rope_parameters"]!["rope_type"] == "llama3",
        ["vocab_size"] = -1,
    };

    private static int? AxisOf(string name, bool embeddingByRows)
    {
        if (name.EndsWith("norm.weight", StringComparison.Ordinal))
            return null;
        if (name.Contains("embed_tokens", StringComparison.Ordinal))
            return embeddingByRows ? 0 : 1;
        return name.Contains("o_proj", StringComparison.Ordinal) || name.Contains("down_proj", StringComparison.Ordinal) ? 1 : 0;
    }

    private static Tensor[] Split(Tensor tensor, int count, int? axis)
    {
        if (axis is null || count == 1)
            return [.. Enumerable.Repeat(tensor, count)];
        int rows = tensor.Shape.Rows, columns = tensor.Shape.Columns;
        return
        [
            .. Enumerable.Range(0, count).Select(part => axis == 0
                ? Part(tensor, part * rows / count, rows / count, 0, columns)
                : Part(tensor, 0, rows, part * columns / count, columns / count)),
        ];
    }

    private static Tensor Part(Tensor tensor, int row, int rows, int column, int columns) => tensor.Device.From(
        [.. Enumerable.Range(row, rows).SelectMany(r => tensor.Row(r).Slice(column, columns).ToArray())], new Shape(rows, columns));
}
