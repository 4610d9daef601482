using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriaTiny.Tools;

/// <summary>cria-tiny before training, as a Hugging Face folder: config.json, model.safetensors (f32), tokenizer.model.</summary>
/// <remarks>
/// Weights are normal(0, 0.02); the two of a layer that write into the residual stream have 1/√(2·layers) of that
/// deviation, as in GPT-2 (Radford et al. 2019, section 2.3). Not by the library's random checkpoint: these are the very numbers that the shipped model began
/// with, which its recipe needs to give it again. Each depends on nothing but its place.
/// </remarks>
internal static class InitialModel
{
    private const int Hidden = 384, Layers = 8, Heads = 6, KeyValueHeads = 2, Intermediate = 1024, VocabularySize = 4096, Context = 512;
    private const int Specials = 256;
    private const ulong Seed = 3;
    private const double Deviation = 0.02;

    public static void Write(string tokenizer, string output)
    {
        int pieces = File.ReadLines(tokenizer).Count();
        if (pieces + Specials != VocabularySize)
            throw new InvalidDataException($"{tokenizer}: {pieces} pieces; expected {VocabularySize - Specials}.");

        Directory.CreateDirectory(output);
        File.Copy(tokenizer, Path.Combine(output, "tokenizer.model"), overwrite: true);
        string config = Config(pieces).ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        File.WriteAllText(Path.Combine(output, "config.json"), config + "\n");
        var tensors = Tensors().ToList();
        WriteSafetensors(Path.Combine(output, "model.safetensors"), tensors);
        Console.WriteLine($"{output}: {tensors.Sum(t => Count(t.Shape)):N0} parameters");
    }

    private static JsonObject Config(int firstSpecial) => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["model_type"] = "llama",
        ["vocab_size"] = VocabularySize,
        ["hidden_size"] = Hidden,
        ["intermediate_size"] = Intermediate,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = KeyValueHeads,
        ["head_dim"] = Hidden / Heads,
        ["hidden_act"] = "silu",
        ["max_position_embeddings"] = Context,
        ["rms_norm_eps"] = 1e-5,
        ["rope_theta"] = 10000.0,
        ["attention_bias"] = false,
        ["mlp_bias"] = false,
        ["tie_word_embeddings"] = true,
        ["initializer_range"] = Deviation,
        ["bos_token_id"] = firstSpecial,        // <|begin_of_text|>
        ["eos_token_id"] = firstSpecial + 1,    // <|end_of_text|>
        ["torch_dtype"] = "float32",
    };

    // A deviation of zero is a norm: ones.
    private static IEnumerable<(string Name, int[] Shape, double Deviation)> Tensors()
    {
        const int KeyValue = KeyValueHeads * (Hidden / Heads);
        double residual = Deviation / Math.Sqrt(2 * Layers);
        yield return ("model.embed_tokens.weight", [VocabularySize, Hidden], Deviation);
        for (int i = 0; i < Layers; i++)
        {
            string layer = $"model.layers.{i}.";
            yield return (layer + "input_layernorm.weight", [Hidden], 0);
            yield return (layer + "self_attn.q_proj.weight", [Hidden, Hidden], Deviation);
            yield return (layer + "self_attn.k_proj.weight", [KeyValue, Hidden], Deviation);
            yield return (layer + "self_attn.v_proj.weight", [KeyValue, Hidden], Deviation);
            yield return (layer + "self_attn.o_proj.weight", [Hidden, Hidden], residual);
            yield return (layer + "post_attention_layernorm.weight", [Hidden], 0);
            yield return (layer + "mlp.gate_proj.weight", [Intermediate, Hidden], Deviation);
            yield return (layer + "mlp.up_proj.weight", [Intermediate, Hidden], Deviation);
            yield return (layer + "mlp.down_proj.weight", [Hidden, Intermediate], residual);
        }

        yield return ("model.norm.weight", [Hidden], 0);
    }

    // https://huggingface.co/docs/safetensors: length of the header (8 bytes), header (JSON, padded with blanks), data.
    private static void WriteSafetensors(string path, List<(string Name, int[] Shape, double Deviation)> tensors)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach (var (name, shape, _) in tensors)
        {
            long end = offset + sizeof(float) * Count(shape);
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. shape.Select(n => JsonValue.Create(n))]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        using var file = File.Create(path);
        Span<byte> length = stackalloc byte[8];
        int padding = -json.Length & 7;
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length + padding);
        file.Write(length);
        file.Write(json);
        file.Write("       "u8[..padding]);
        long place = 0;
        foreach (var (_, shape, deviation) in tensors)
        {
            file.Write(MemoryMarshal.AsBytes<float>(Values(Count(shape), deviation, place)));
            place += Count(shape);
        }
    }

    private static long Count(int[] shape) => shape.Aggregate(1L, (product, n) => product * n);

    private static float[] Values(long count, double deviation, long place)
    {
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = deviation == 0 ? 1 : (float)(deviation * Normal((ulong)(place + i)));
        return values;
    }

    // Box and Muller 1958; 1 - u keeps the logarithm finite.
    private static double Normal(ulong place) =>
        Math.Sqrt(-2 * Math.Log(1 - Uniform(2 * place))) * Math.Cos(2 * Math.PI * Uniform(2 * place + 1));

    // SplitMix64 (Steele, Lea and Flood 2014), number by number: the upper 53 bits as a share of one.
    private static double Uniform(ulong number)
    {
        ulong z = Seed + (number + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
    }
}
