using System.Runtime.InteropServices;
using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

/// <summary>Files that other programs wrote.</summary>
public sealed class RealGgufTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);

    public void Dispose() => cpu.Dispose();

    [Fact]
    public void All_48_tensors_of_stories260K_equal_those_of_its_other_file()
    {
        using var checkpoint = Checkpoint.Open(TestData.Path("models/stories260K/tinyllm.gguf"), cpu);
        var expected = Llama2C.Read(TestData.Path("models/stories260K/stories260K.bin"));

        Assert.Equal(48, checkpoint.Tensors.Count);
        foreach (var (name, numbers) in expected)
        {
            Assert.True(checkpoint.TryGet(name, out var tensor), name);
            Assert.Equal(numbers, tensor.Floats().ToArray());
        }
        Assert.Equal(48, expected.Count);
    }

    [Fact]
    public void The_configuration_of_stories260K_is_that_of_its_other_file()
    {
        using var checkpoint = Checkpoint.Open(TestData.Path("models/stories260K/tinyllm.gguf"), cpu);

        var config = checkpoint.Config;

        Assert.Equal(
            [64, 172, 5, 8, 4, 512],
            new[] { "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size" }
                .Select(key => (int)config[key]!));
        Assert.Equal(2, (int)config["eos_token_id"]!);
    }

    [Fact]
    public void A_file_that_a_text_conversion_has_damaged_says_so()
    {
        string path = TestData.Path("models/bad/ggml-vocab-llama-spm.damaged.gguf");

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu));

        Assert.StartsWith($"{path}: ", wrong.Message, StringComparison.Ordinal);
        Assert.EndsWith("fix      the file was cut short or damaged: download or copy it again", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_half_precision_weights_opens()
    {
        using var checkpoint = Checkpoint.Open(TestData.Path("models/llama-2-tiny-random.gguf"), cpu);

        Assert.Equal(12, checkpoint.Tensors.Count);
        Assert.Equal("f16", checkpoint.Tensors["model.embed_tokens.weight"].TypeName);
        Assert.Equal("[32000, 8]", checkpoint.Tensors["model.embed_tokens.weight"].Shape.ToString());
        Assert.Equal(32_000, (int)checkpoint.Config["vocab_size"]!);
        Assert.True(checkpoint.TryGet("lm_head.weight", out var output));
        Assert.All(output.To(DataType.F32).Floats().ToArray(), number => Assert.True(float.IsFinite(number)));
    }

    [Theory]
    [InlineData("gpt-2", "gpt2", 50_257)]
    [InlineData("llama-spm", "llama", 32_000)]
    [InlineData("phi-3", "llama", 32_064)]
    public void A_file_of_any_architecture_gives_its_vocabulary(string name, string model, int pieces)
    {
        using var file = GgufFile.Open(TestData.Path($"tokenizers/gguf/ggml-vocab-{name}.gguf"));

        Assert.Empty(file.Tensors);
        Assert.Equal(model, file.Metadata.GetText("tokenizer.ggml.model"));
        Assert.Equal(pieces, file.Metadata.GetTexts("tokenizer.ggml.tokens")!.Length);
        Assert.Equal(pieces, file.Metadata.GetIntegers("tokenizer.ggml.token_type")!.Length);
    }

    /// <summary>The first file form of llama2.c: seven numbers, then all layers of one kind after another; q and k rotate neighbours.</summary>
    private static class Llama2C
    {
        public static Dictionary<string, float[]> Read(string path)
        {
            byte[] bytes = File.ReadAllBytes(path);
            var sizes = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(0, 28));
            var (d, f, layers, heads, keyHeads, vocabulary) = (sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]);
            int size = d / heads, at = 28;
            var all = new Dictionary<string, float[]>();
            Take("model.embed_tokens.weight", vocabulary * d);
            TakeLayers("input_layernorm", d);
            TakeLayers("self_attn.q_proj", d * d);
            TakeLayers("self_attn.k_proj", keyHeads * size * d);
            TakeLayers("self_attn.v_proj", keyHeads * size * d);
            TakeLayers("self_attn.o_proj", d * d);
            TakeLayers("post_attention_layernorm", d);
            TakeLayers("mlp.gate_proj", f * d);
            TakeLayers("mlp.down_proj", d * f);
            TakeLayers("mlp.up_proj", f * d);
            Take("model.norm.weight", d);
            all["lm_head.weight"] = all["model.embed_tokens.weight"];
            for (int layer = 0; layer < layers; layer++)
            {
                foreach (string name in new[] { $"model.layers.{layer}.self_attn.q_proj.weight", $"model.layers.{layer}.self_attn.k_proj.weight" })
                    all[name] = Halves(all[name], size, d);
            }
            return all;

            void Take(string name, int count)
            {
                all[name] = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(at, count * sizeof(float))).ToArray();
                at += count * sizeof(float);
            }

            void TakeLayers(string module, int count)
            {
                for (int layer = 0; layer < layers; layer++)
                    Take($"model.layers.{layer}.{module}.weight", count);
            }
        }

        // (heads, D/2, 2, columns) with its second and third axes swapped.
        private static float[] Halves(float[] rows, int size, int columns) =>
        [
            .. rows.Chunk(size * columns).SelectMany(head =>
                head.Chunk(columns).Where((_, row) => row % 2 == 0).Concat(head.Chunk(columns).Where((_, row) => row % 2 == 1)).SelectMany(row => row)),
        ];
    }
}
