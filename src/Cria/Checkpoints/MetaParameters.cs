using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cria.Checkpoints;

/// <summary>Translates Meta's <c>params.json</c> into the keys of Hugging Face's <c>config.json</c>. Sizes that it leaves out are those of the tensors.</summary>
/// <remarks>Meta's llama_models/llama3/args.py. The constants of scaled rotation stand in the code there, not in the file.</remarks>
internal sealed class MetaParameters
{
    private const double DefaultEpsilon = 1e-5, ThetaOfLlama1 = 10_000, ThetaOfLlama3 = 500_000;
    private const long SmallestVocabularyOfLlama3 = 128_000;

    private readonly string file;
    private readonly JsonObject parameters;
    private readonly TorchCheckpoint checkpoint;
    private readonly KnownShape known;

    public MetaParameters(JsonObject json, string file, TorchCheckpoint checkpoint)
    {
        (this.file, this.checkpoint, known) = (file, checkpoint, KnownShape.Of(checkpoint));
        parameters = json["model"] as JsonObject ?? json;
    }

    public JsonObject ToConfig()
    {
        long hidden = Size("dim", known.HiddenSize), heads = Size("n_heads", null), headSize = Size("head_dim", Math.Max(1, hidden / heads));
        long vocabulary = Whole("vocab_size") is > 0 and var stated ? stated : known.VocabularySize ?? throw Wrong("vocab_size", "is not stated, and there is no embedding");
        if (headSize % 2 != 0)
            throw Wrong("head_dim", $"{headSize} is odd, and rotary embedding turns pairs");
        CheckComplete(heads * headSize);
        CheckKind();
        bool isLlama3 = vocabulary >= SmallestVocabularyOfLlama3;
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(Architecture()),
            ["model_type"] = "llama",
            ["hidden_size"] = hidden,
            ["intermediate_size"] = IntermediateSize(hidden),
            ["num_hidden_layers"] = Size("n_layers", known.Layers),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = KeyValueHeads(heads, headSize),
            ["head_dim"] = headSize,
            ["vocab_size"] = vocabulary,
            ["max_position_embeddings"] = ContextLength(isLlama3),
            ["rms_norm_eps"] = Number("norm_eps") ?? DefaultEpsilon,
            ["rope_theta"] = Number("rope_theta") ?? (isLlama3 ? ThetaOfLlama3 : ThetaOfLlama1),
            ["rope_scaling"] = Scaling(hidden),
            ["hidden_act"] = "silu",
            ["tie_word_embeddings"] = known.TiedHead,
        };
        // A parsed number can be read as any type of number, one that was put in only as the type that it had.
        return (JsonObject)JsonNode.Parse(config.ToJsonString())!;
    }

    // Every file has the same number of rows of q, so one file tells how many there must be.
    private void CheckComplete(long querySize)
    {
        if (known.QuerySize is not { } rows || rows == querySize || rows % checkpoint.FileCount != 0)
            return;
        long each = rows / checkpoint.FileCount;
        if (each > 0 && rows < querySize && querySize % each == 0)
            throw CheckpointException.ShardCount(checkpoint.Name, querySize / each, checkpoint.FileCount, $"{file} ({querySize} rows of wq, {each} in each file)");
    }

    private void CheckKind()
    {
        if (parameters["quantization_args"] is JsonObject || parameters["lora_args"] is JsonObject)
            throw Wrong("quantization_args, lora_args", "Meta's mobile formats are not read: take the same model in bf16");
    }

    private string Architecture()
    {
        if (parameters["moe_args"] is JsonObject)
            return "Llama4ForConditionalGeneration";
        return (Whole("vision_chunk_size") ?? 0) > 0 ? "MllamaForConditionalGeneration" : "LlamaForCausalLM";
    }

    // f = ⌈m · ⌊2·4d / 3⌋⌉ to a multiple: FeedForward in llama_models/llama3/model.py. The tensors are right where the two differ.
    private long IntermediateSize(long hidden)
    {
        if (known.IntermediateSize is { } rows)
            return rows;
        double size = Math.Floor(2 * 4 * (double)hidden / 3);
        if (Number("ffn_dim_multiplier") is { } multiplier)
            size = Math.Floor(multiplier * size);
        long multiple = Size("multiple_of", 256);
        return (long)Math.Ceiling(size / multiple) * multiple;
    }

    // Where there are more files than key/value heads, Meta repeats heads so that each file has one.
    private long KeyValueHeads(long heads, long headSize)
    {
        long stored = known.KeySize is > 0 and var rows && rows % headSize == 0 ? rows / headSize : 0;
        return Math.Max(stored, Size("n_kv_heads", stored > 0 ? stored : heads));
    }

    // Not in the file. Generations are told apart by what is: LLaMA 1 has ε 1e-6, only its largest has 80 layers and as many key/value heads as heads.
    private long ContextLength(bool isLlama3)
    {
        if (Whole("max_seq_len") is > 0 and var stated)
            return stated;
        if (isLlama3)
            return UsesScaling ? 131_072 : 8_192;
        if (Number("rope_theta") > ThetaOfLlama1)
            return 16_384;
        bool isLlama1 = Number("norm_eps") < DefaultEpsilon || (known.Layers == 80 && known.KeySize == known.QuerySize);
        return isLlama1 ? 2_048 : 4_096;
    }

    private bool UsesScaling => parameters["use_scaled_rope"] is JsonValue value && value.TryGetValue(out bool scaled) && scaled;

    // Llama 3.2's text models, the only ones of up to 3,072 numbers, were stretched by 32, all others by 8.
    private JsonObject? Scaling(long hidden) => !UsesScaling ? null : new JsonObject
    {
        ["rope_type"] = "llama3",
        ["factor"] = Number("rope_scaling_factor") ?? (hidden <= 3_072 ? 32 : 8),
        ["low_freq_factor"] = 1,
        ["high_freq_factor"] = Number("rope_high_freq_factor") ?? 4,
        ["original_max_position_embeddings"] = 8_192,
    };

    private long Size(string key, long? otherwise) => Whole(key) is { } stated
        ? stated is >= 1 and <= int.MaxValue ? stated : throw Wrong(key, $"expected 1 to {int.MaxValue:N0}, found {stated:N0}")
        : otherwise ?? throw Wrong(key, "is missing, and the tensors do not tell it");

    private long? Whole(string key) => Number(key) is not { } number ? null
        : number == Math.Floor(number) && Math.Abs(number) < 1L << 53 ? (long)number
        : throw Wrong(key, $"expected a whole number, found {number}");

    private double? Number(string key) => parameters[key] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out double number) && double.IsFinite(number) => number,
        var other => throw Wrong(key, $"expected a number, found {other.GetValueKind()}"),
    };

    private CheckpointException Wrong(string key, string problem) => CheckpointException.Setting(file, key, problem);
}
