using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>The shape of a dense LLaMA, as <c>config.json</c> gives it.</summary>
public sealed record LlamaConfig
{
    /// <summary>d: the numbers of a hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>L: the number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>H: the query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>K: the key/value heads, a divisor of H.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>D: the numbers of a head, an even number.</summary>
    public required int HeadSize { get; init; }

    /// <summary>f: the width of the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>V: the number of tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The most tokens that the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>ε of the norms.</summary>
    public float RmsNormEpsilon { get; init; } = 1e-5f;

    /// <summary>θ: the base of the rotary frequencies.</summary>
    public float RotaryBase { get; init; } = 10_000;

    /// <summary>How the rotary frequencies are stretched to longer contexts; null where they are not.</summary>
    public RotaryScaling? RotaryScaling { get; init; }

    /// <summary>Whether the output head is the embedding.</summary>
    public bool TiedHead { get; init; }

    /// <summary>H·D.</summary>
    public int QuerySize => Heads * HeadSize;

    /// <summary>K·D.</summary>
    public int KeySize => KeyValueHeads * HeadSize;

    /// <summary>The number of weights: <c>L·(2·d·H·D + 2·d·K·D + 3·d·f + 2·d) + d + V·d·(tied ? 1 : 2)</c>.</summary>
    public long ParameterCount
    {
        get
        {
            long d = HiddenSize;
            long block = 2 * d * QuerySize + 2 * d * KeySize + 3 * d * IntermediateSize + 2 * d;
            return Layers * block + d + VocabularySize * d * (TiedHead ? 1 : 2);
        }
    }

    /// <summary>The shape of the model in a checkpoint.</summary>
    /// <exception cref="CheckpointException">A setting is missing, out of range, or of a model that is not a dense LLaMA.</exception>
    public static LlamaConfig Read(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var read = new ConfigReader(checkpoint.Config, $"{checkpoint.Name}: {checkpoint.ConfigName}");
        read.ExpectLlama();
        int heads = read.Count("num_attention_heads");
        int hidden = read.Count("hidden_size");
        var config = new LlamaConfig
        {
            HiddenSize = hidden,
            Layers = read.Count("num_hidden_layers", most: 1_000),
            Heads = heads,
            KeyValueHeads = read.Count("num_key_value_heads", orElse: heads),
            HeadSize = read.Count("head_dim", orElse: Math.Max(1, hidden / heads)),
            IntermediateSize = read.Count("intermediate_size"),
            VocabularySize = read.Count("vocab_size"),
            ContextLength = read.Count("max_position_embeddings", orElse: 2048),
            RmsNormEpsilon = read.Positive("rms_norm_eps", orElse: 1e-6f),
            RotaryBase = read.RotaryBase(),
            RotaryScaling = read.RotaryScaling(),
            TiedHead = read.Flag("tie_word_embeddings") || !checkpoint.Tensors.ContainsKey(LlamaShapes.Head),
        };
        read.Expect(config.Heads % config.KeyValueHeads == 0, "num_key_value_heads",
            $"{config.KeyValueHeads} does not divide num_attention_heads {config.Heads}");
        read.Expect(config.HeadSize % 2 == 0, "head_dim", $"{config.HeadSize} is odd, and rotary embedding turns pairs");
        return config;
    }

    /// <summary>The same as a <c>config.json</c> that Python's transformers opens.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["hidden_act"] = "silu",
            ["hidden_size"] = HiddenSize,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["head_dim"] = HeadSize,
            ["intermediate_size"] = IntermediateSize,
            ["vocab_size"] = VocabularySize,
            ["max_position_embeddings"] = ContextLength,
            ["rms_norm_eps"] = RmsNormEpsilon,
            ["rope_theta"] = RotaryBase,
            ["tie_word_embeddings"] = TiedHead,
        };
        if (RotaryScaling is { } scaling)
            json["rope_scaling"] = scaling.ToJson();
        return json;
    }

    /// <summary>ω of each pair of a head, (D / 2): scaled as the config says, or by the factors that a GGUF file carries.</summary>
    internal float[] RotaryFrequencies(Checkpoint checkpoint)
    {
        var plain = Tensors.RotaryFrequencies.Plain(HeadSize, RotaryBase);
        if (checkpoint.TryGet(LlamaShapes.RotaryFactors, out var factors))
            return Tensors.RotaryFrequencies.Divide(plain, factors.To(DataType.F32).Floats());
        return RotaryScaling?.Apply(plain) ?? plain;
    }
}
