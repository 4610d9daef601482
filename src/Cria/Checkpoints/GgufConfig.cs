using System.Text.Json.Nodes;

namespace Cria.Checkpoints;

/// <summary>Translates the metadata of a GGUF file into the keys of Hugging Face's <c>config.json</c>.</summary>
/// <remarks>Keys of <see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>, section on LLMs.</remarks>
internal sealed class GgufConfig(GgufFile file, bool hasOutput)
{
    private const double DefaultEpsilon = 1e-5, DefaultTheta = 10_000;

    private readonly GgufMetadata metadata = file.Metadata;

    public JsonObject Build()
    {
        long hidden = Size("embedding_length"), heads = Size("attention.head_count");
        long headSize = metadata.Contains("llama.attention.key_length") ? Size("attention.key_length") : hidden / heads;
        CheckHeads(headSize);
        bool mixture = (metadata.GetInteger("llama.expert_count") ?? 0) > 0;      // Mixtral calls its architecture llama, too
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(mixture ? "MixtralForCausalLM" : "LlamaForCausalLM"),
            ["model_type"] = mixture ? "mixtral" : "llama",
            ["hidden_size"] = hidden,
            ["intermediate_size"] = Size("feed_forward_length"),
            ["num_hidden_layers"] = Size("block_count"),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = metadata.Contains("llama.attention.head_count_kv") ? Size("attention.head_count_kv") : heads,
            ["head_dim"] = headSize,
            ["vocab_size"] = VocabularySize(),
            ["max_position_embeddings"] = Size("context_length"),
            ["rms_norm_eps"] = Number("attention.layer_norm_rms_epsilon", DefaultEpsilon),
            ["rope_theta"] = Number("rope.freq_base", DefaultTheta),
            ["rope_scaling"] = Scaling(),
            ["hidden_act"] = "silu",
            ["tie_word_embeddings"] = !hasOutput,
            ["bos_token_id"] = Token("bos"),
            ["eos_token_id"] = Token("eos"),
        };
        // A parsed number can be read as any type of number, one that was put in only as the type that it had.
        return (JsonObject)JsonNode.Parse(config.ToJsonString())!;
    }

    /// <summary>A size from 1 to 2^31 - 1.</summary>
    private long Size(string key)
    {
        string full = $"llama.{key}";
        long size = metadata.GetInteger(full) ?? throw CheckpointException.GgufKeyMissing(file.Name, full);
        return size is >= 1 and <= int.MaxValue
            ? size
            : throw CheckpointException.GgufKeyRange(file.Name, full, $"1 to {int.MaxValue:N0}", $"{size:N0}");
    }

    private void CheckHeads(long headSize)
    {
        long rotated = metadata.GetInteger("llama.rope.dimension_count") ?? headSize;
        if (rotated != headSize || headSize % 2 != 0 || headSize == 0)
            throw CheckpointException.GgufKeyRange(file.Name, "llama.rope.dimension_count", $"the even size of a head, here {headSize}", $"{rotated}");
    }

    private float Number(string key, double otherwise)
    {
        string full = $"llama.{key}";
        double number = metadata.GetNumber(full) ?? otherwise;
        return double.IsFinite(number) && number > 0 && float.IsFinite((float)number)
            ? (float)number
            : throw CheckpointException.GgufKeyRange(file.Name, full, "a positive number", $"{number}");
    }

    private long VocabularySize()
    {
        if (metadata.Contains("llama.vocab_size"))
            return Size("vocab_size");
        return file.Tensors.FirstOrDefault(tensor => tensor.Name == "token_embd.weight") is { Shape.Rank: 2 } embedding
            ? embedding.Shape[0]
            : metadata.GetTexts("tokenizer.ggml.tokens")?.Length ?? throw CheckpointException.GgufKeyMissing(file.Name, "llama.vocab_size");
    }

    /// <summary>Llama 3.1's scaling is not among the keys: the file has its factors as the tensor <c>rope_freqs.weight</c>.</summary>
    private JsonObject? Scaling()
    {
        string? type = metadata.GetText("llama.rope.scaling.type");
        if (type is null or "none")
            return null;
        var scaling = new JsonObject { ["rope_type"] = type, ["factor"] = Number("rope.scaling.factor", 1) };
        if (metadata.GetInteger("llama.rope.scaling.original_context_length") is { } original)
            scaling["original_max_position_embeddings"] = original;
        return scaling;
    }

    // Files without such a token say 2^32 - 1.
    private long? Token(string name) =>
        metadata.GetInteger($"tokenizer.ggml.{name}_token_id") is >= 0 and <= int.MaxValue and var id ? id : null;
}
