using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

/// <summary>Meta's <c>params.json</c>: what it says, what it leaves to the tensors, and shards that are no model.</summary>
public sealed class MetaSettingsTests : IDisposable
{
    private const string Small = """{"dim": 8, "n_heads": 2, "n_layers": 1, "norm_eps": 1e-06, "vocab_size": -1}""";

    private const string HuggingFace = """{"model_type": "llama", "hidden_size": 8, "num_attention_heads": 2, "num_key_value_heads": 1, "num_hidden_layers": 1, "intermediate_size": 12, "vocab_size": 100}""";

    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string, string> Wrong => new()
    {
        { """{"dim": 8}""", "n_heads: is missing, and the tensors do not tell it." },
        { """{"dim": 8, "n_heads": 2.5}""", "n_heads: expected a whole number, found 2.5." },
        { """{"dim": 8, "n_heads": 0}""", "n_heads: expected 1 to 2,147,483,647, found 0." },
        { """{"dim": "x", "n_heads": 2}""", "dim: expected a number, found String." },
        { """{"dim": 8, "n_heads": 2, "head_dim": 3}""", "head_dim: 3 is odd, and rotary embedding turns pairs." },
        { """{"dim": 8, "n_heads": 2, "quantization_args": {}}""", "quantization_args, lora_args: Meta's mobile formats are not read: take the same model in bf16." },
    };

    public static TheoryData<string, int, double, int> Contexts => new()
    {
        { """{"n_heads": 2, "norm_eps": 1e-06}""", 100, 10_000, 2_048 },
        { """{"n_heads": 2, "norm_eps": 1e-05}""", 100, 10_000, 4_096 },
        { """{"n_heads": 2, "norm_eps": 1e-05, "rope_theta": 1000000}""", 100, 1_000_000, 16_384 },
        { """{"n_heads": 2, "norm_eps": 1e-05}""", 128_256, 500_000, 8_192 },
        { """{"n_heads": 2, "norm_eps": 1e-05, "use_scaled_rope": true}""", 128_256, 500_000, 131_072 },
        { """{"model": {"n_heads": 2, "max_seq_len": 300}}""", 100, 10_000, 300 },
    };

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public void Sizes_that_are_left_out_are_those_of_the_tensors()
    {
        Write(Shard(), """{"n_heads": 2}""");

        using var checkpoint = Checkpoint.Open(folder.Path, cpu);
        var config = LlamaConfig.Read(checkpoint);

        Assert.Equal((8, 1, 2, 1, 4, 12, 100), (config.HiddenSize, config.Layers, config.Heads, config.KeyValueHeads, config.HeadSize, config.IntermediateSize, config.VocabularySize));
        Assert.DoesNotContain("rope.freqs", checkpoint.Tensors.Keys);
        Assert.Equal("params.json", checkpoint.ConfigName);
    }

    [Theory, MemberData(nameof(Contexts))]
    public void Generations_are_told_apart_by_what_is_there(string parameters, int vocabulary, double theta, int context)
    {
        Write(Shard(vocabulary: vocabulary), parameters);

        using var checkpoint = Checkpoint.Open(folder.Path, cpu);
        var config = LlamaConfig.Read(checkpoint);

        Assert.Equal((context, (float)theta), (config.ContextLength, config.RotaryBase));
        Assert.Equal(parameters.Contains("scaled", StringComparison.Ordinal) ? new Llama3RotaryScaling(32, 1, 4, 8192) : null, config.RotaryScaling);
    }

    // The widths of Llama 2 7B, Llama 2 70B and Llama 3 8B, from the settings alone.
    [Theory]
    [InlineData("""{"dim": 4096, "multiple_of": 256, "n_heads": 32, "n_layers": 32}""", 11008)]
    [InlineData("""{"dim": 8192, "multiple_of": 4096, "ffn_dim_multiplier": 1.3, "n_heads": 64, "n_layers": 80}""", 28672)]
    [InlineData("""{"dim": 4096, "multiple_of": 1024, "ffn_dim_multiplier": 1.3, "n_heads": 32, "n_layers": 32}""", 14336)]
    public void The_width_of_the_feed_forward_part_follows_from_the_settings(string parameters, int width)
    {
        Write(new TorchBytes().Floats("tok_embeddings.weight", new float[2], 2, 1), parameters);

        using var checkpoint = Checkpoint.Open(folder.Path, cpu);

        Assert.Equal(width, LlamaConfig.Read(checkpoint).IntermediateSize);
    }

    [Theory, MemberData(nameof(Wrong))]
    public void A_wrong_setting_is_named(string parameters, string message)
    {
        Write(Shard(), parameters);
        using var checkpoint = Checkpoint.Open(folder.Path, cpu);

        Assert.Equal($"{folder.File("params.json")}: {message}", Assert.Throws<CheckpointException>(() => checkpoint.Config).Message);
    }

    [Theory]
    [InlineData("""{"dim": 8, "n_heads": 2, "moe_args": {}}""", "Llama4ForConditionalGeneration")]
    [InlineData("""{"dim": 8, "n_heads": 2, "vision_chunk_size": 448}""", "MllamaForConditionalGeneration")]
    public void Models_of_another_form_are_named(string parameters, string architecture)
    {
        Write(Shard(), parameters);
        using var checkpoint = Checkpoint.Open(folder.Path, cpu);

        Assert.Contains($"'{architecture}'", Assert.Throws<CheckpointException>(() => LlamaConfig.Read(checkpoint)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_of_Hugging_Face_serves_as_well()
    {
        Shard().Write(folder.File("model.pth"));
        File.WriteAllText(folder.File("config.json"), HuggingFace);

        using var checkpoint = Checkpoint.Open(folder.File("model.pth"), cpu);

        Assert.True(checkpoint.TryGet("model.layers.0.self_attn.q_proj.weight", out _));
        Assert.Equal(4, LlamaConfig.Read(checkpoint).HeadSize);
    }

    [Theory]
    [InlineData("params.json", Small)]
    [InlineData("config.json", HuggingFace)]
    public void Damaged_settings_end_in_a_checkpoint_exception(string file, string settings)
    {
        Shard().Write(folder.File("model.pth"));

        Damage.Try(System.Text.Encoding.UTF8.GetBytes(settings), times: 1_000, seed: 5, bytes =>
        {
            File.WriteAllBytes(folder.File(file), bytes);
            using var checkpoint = Checkpoint.Open(folder.File("model.pth"), cpu);
            foreach (string name in checkpoint.Tensors.Keys)
                checkpoint.TryGet(name, out _);
            LlamaConfig.Read(checkpoint);
        });
    }

    [Fact]
    public void A_shard_that_is_missing_between_others_is_named()
    {
        Write(Shard(queries: 4), Small);
        Shard(queries: 4).Write(folder.File("consolidated.02.pth"));

        Assert.Equal(
            $"{folder.Path}: the file 'consolidated.01.pth' is missing, and later ones are there. The download is not complete: get the missing file.",
            Opening().Message);
    }

    [Fact]
    public void A_shard_that_is_missing_at_the_end_is_found_out()
    {
        Write(Shard(queries: 4), Small);
        using var checkpoint = Checkpoint.Open(folder.Path, cpu);

        var wrong = Assert.Throws<CheckpointException>(() => checkpoint.Config);

        Assert.Equal(
            $"""
            {folder.File("consolidated.00.pth")}: is a part of a model.
              expected 2 files consolidated.NN.pth, from {folder.File("params.json")} (8 rows of wq, 4 in each file)
              found    1
              fix      the download is not complete: get the missing files
            """, wrong.Message);
    }

    [Fact]
    public void Shards_of_different_models_are_refused()
    {
        Write(Shard(queries: 4), Small);
        Shard(queries: 4, norm: 2).Write(folder.File("consolidated.01.pth"));
        Assert.Contains("each file has a copy of this one, and the two differ", Opening().Message, StringComparison.Ordinal);

        Shard(queries: 2).Write(folder.File("consolidated.01.pth"));
        Assert.Contains("f32 [2, 8] instead of f32 [4, 8]", Opening().Message, StringComparison.Ordinal);

        Shard(queries: 4).Floats("more", [1], 1).Write(folder.File("consolidated.01.pth"));
        Assert.Contains("it has a tensor more.\n  tensor   'more'", Opening().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_several_shards_stands_for_all()
    {
        Write(Shard(queries: 4), Small);
        Shard(queries: 4).Write(folder.File("consolidated.01.pth"));

        using var checkpoint = Checkpoint.Open(folder.File("consolidated.01.pth"), cpu);

        Assert.Equal(new Shape(8, 8), checkpoint.Tensors["model.layers.0.self_attn.q_proj.weight"].Shape);
        Assert.Equal("PyTorch, names of Meta, 2 files", checkpoint.Format);
    }

    private CheckpointException Opening() => Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path, cpu));

    private void Write(TorchBytes shard, string parameters)
    {
        shard.Write(folder.File("consolidated.00.pth"));
        File.WriteAllText(folder.File("params.json"), parameters);
    }

    private static TorchBytes Shard(int queries = 8, int vocabulary = 100, float norm = 1) => new TorchBytes()
        .Hole("tok_embeddings.weight", vocabulary, 8).Floats("norm.weight", [.. Enumerable.Repeat(norm, 8)], 8).Hole("output.weight", vocabulary, 8)
        .Floats("layers.0.attention.wq.weight", new float[queries * 8], queries, 8).Hole("layers.0.attention.wk.weight", 4, 8).Hole("layers.0.feed_forward.w1.weight", 12, 8).Floats("rope.freqs", [1], 1);
}
