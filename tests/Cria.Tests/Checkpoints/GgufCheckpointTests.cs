using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

public sealed class GgufCheckpointTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public void Metadata_becomes_the_configuration()
    {
        string path = GgufBytes.TinyLlama().U32("tokenizer.ggml.bos_token_id", 1).U32("tokenizer.ggml.eos_token_id", uint.MaxValue)
            .Floats("output.weight", new float[24], 8, 3).Write(folder.File("x.gguf"));
        using var checkpoint = Checkpoint.Open(path, cpu);

        var config = checkpoint.Config;

        Assert.Equal(
            """
            {"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":8,"intermediate_size":16,"num_hidden_layers":1,"num_attention_heads":2,"num_key_value_heads":1,"head_dim":4,"vocab_size":3,"max_position_embeddings":128,"rms_norm_eps":1E-05,"rope_theta":10000,"rope_scaling":null,"hidden_act":"silu","tie_word_embeddings":false,"bos_token_id":1,"eos_token_id":null}
            """, config.ToJsonString());
        Assert.Equal(1e-5f, config["rms_norm_eps"]!.GetValue<float>());
        Assert.Equal("its metadata", checkpoint.ConfigName);
    }

    [Fact]
    public void Without_an_output_matrix_the_embedding_is_tied()
    {
        string path = GgufBytes.TinyLlama().F32("llama.rope.freq_base", 500_000).Text("llama.rope.scaling.type", "linear")
            .F32("llama.rope.scaling.factor", 4).Write(folder.File("x.gguf"));
        using var checkpoint = Checkpoint.Open(path, cpu);

        var config = checkpoint.Config;

        Assert.True((bool)config["tie_word_embeddings"]!);
        Assert.Equal(500_000, (double)config["rope_theta"]!);
        Assert.Equal("""{"rope_type":"linear","factor":4}""", config["rope_scaling"]!.ToJsonString());
    }

    [Theory]
    [InlineData("token_embd.weight", "model.embed_tokens.weight")]
    [InlineData("output_norm.weight", "model.norm.weight")]
    [InlineData("output.weight", "lm_head.weight")]
    [InlineData("rope_freqs.weight", "rope_freqs.weight")]
    [InlineData("blk.31.attn_norm.weight", "model.layers.31.input_layernorm.weight")]
    [InlineData("blk.31.attn_q.weight", "model.layers.31.self_attn.q_proj.weight")]
    [InlineData("blk.31.attn_k.bias", "model.layers.31.self_attn.k_proj.bias")]
    [InlineData("blk.31.attn_v.weight", "model.layers.31.self_attn.v_proj.weight")]
    [InlineData("blk.31.attn_output.weight", "model.layers.31.self_attn.o_proj.weight")]
    [InlineData("blk.31.ffn_norm.weight", "model.layers.31.post_attention_layernorm.weight")]
    [InlineData("blk.31.ffn_gate.weight", "model.layers.31.mlp.gate_proj.weight")]
    [InlineData("blk.31.ffn_up.weight", "model.layers.31.mlp.up_proj.weight")]
    [InlineData("blk.31.ffn_down.weight", "model.layers.31.mlp.down_proj.weight")]
    [InlineData("blk.31.ffn_gate_exps.weight", "blk.31.ffn_gate_exps.weight")]
    public void Names_become_those_of_Hugging_Face(string name, string expected)
    {
        Assert.Equal(expected, GgufNames.ToHuggingFace(name));
    }

    [Fact]
    public void Rows_of_q_and_k_are_brought_from_neighbours_to_halves()
    {
        float[] q = [.. Enumerable.Range(0, 8).SelectMany(row => Enumerable.Repeat((float)row, 8))];
        float[] k = [.. Enumerable.Range(0, 4).SelectMany(row => Enumerable.Repeat((float)row, 8))];
        string path = GgufBytes.TinyLlama().Floats("blk.0.attn_q.weight", q, 8, 8).Floats("blk.0.attn_k.weight", k, 8, 4)
            .Floats("blk.0.attn_v.weight", k, 8, 4).Write(folder.File("x.gguf"));
        using var checkpoint = Checkpoint.Open(path, cpu);
        var attention = checkpoint.Weights["model.layers.0.self_attn"];

        Assert.Equal([0, 2, 1, 3, 4, 6, 5, 7], FirstColumn(attention["q_proj"].Get("weight", new Shape(8, 8), "")));
        Assert.Equal([0, 2, 1, 3], FirstColumn(attention["k_proj"].Get("weight", new Shape(4, 8), "")));
        Assert.Equal([0, 1, 2, 3], FirstColumn(attention["v_proj"].Get("weight", new Shape(4, 8), "")));
    }

    [Fact]
    public void Rows_of_blocks_move_whole()
    {
        byte[] blocks = [.. Enumerable.Range(0, 4).SelectMany(row => BitConverter.GetBytes((Half)1).Concat(Enumerable.Repeat((byte)row, 32)))];
        string path = GgufBytes.TinyLlama().Tensor("blk.0.attn_k.weight", 8, blocks, 32, 4).Write(folder.File("x.gguf"));
        using var checkpoint = Checkpoint.Open(path, cpu);

        var k = checkpoint.Weights["model.layers.0.self_attn.k_proj"].Get("weight", new Shape(4, 32), "");

        Assert.Equal(DataType.Q8, k.Type);
        Assert.Equal([0, 2, 1, 3], FirstColumn(k.To(DataType.F32)));
    }

    [Fact]
    public void A_permuted_tensor_outlives_the_scope_in_which_it_was_first_asked_for()
    {
        string path = GgufBytes.TinyLlama().Floats("blk.0.attn_k.weight", new float[32], 8, 4).Write(folder.File("x.gguf"));
        using var checkpoint = Checkpoint.Open(path, cpu);

        Tensor? tensor;
        using (TensorScope.Begin())
            Assert.True(checkpoint.TryGet("model.layers.0.self_attn.k_proj.weight", out tensor));

        Assert.Equal(32, tensor.Floats().Length);
    }

    [Fact]
    public void Q_of_the_wrong_height_says_why()
    {
        string path = GgufBytes.TinyLlama().Floats("blk.0.attn_q.weight", new float[32], 8, 4).Write(folder.File("x.gguf"));
        using var checkpoint = Checkpoint.Open(path, cpu);

        var wrong = Assert.Throws<CheckpointException>(() => checkpoint.TryGet("model.layers.0.self_attn.q_proj.weight", out _));

        Assert.Equal(
            $"""
            {path}: tensor 'model.layers.0.self_attn.q_proj.weight' has the wrong shape.
              expected 8 rows, from its metadata (num_attention_heads 2 × head_dim 4)
              found    [4, 8]
            """, wrong.Message);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("phi3")]
    public void Another_architecture_is_named(string architecture)
    {
        string path = GgufBytes.TinyLlama(architecture).Write(folder.File("x.gguf"));

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu));

        Assert.Equal(
            $"""
            {path}: is not a LLaMA: its architecture is '{architecture}'.
              expected 'llama' (LLaMA 1, 2, 3, 3.1, 3.2 text, 3.3 and models of the same form)
            """, wrong.Message);
    }

    [Fact]
    public void A_mixture_of_experts_says_so_in_its_configuration()
    {
        using var checkpoint = Checkpoint.Open(GgufBytes.TinyLlama().U32("llama.expert_count", 8).Write(folder.File("x.gguf")), cpu);

        Assert.Equal("MixtralForCausalLM", (string?)checkpoint.Config["architectures"]![0]);
    }

    [Fact]
    public void A_type_that_cannot_be_read_is_named_with_its_tensor()
    {
        string path = GgufBytes.TinyLlama().Tensor("output_norm.weight", 23, new byte[136], 256).Write(folder.File("x.gguf"));
        using var checkpoint = Checkpoint.Open(path, cpu);

        var wrong = Assert.Throws<CheckpointException>(() => checkpoint.TryGet("model.norm.weight", out _));

        Assert.Equal(
            $"""
            {path}: tensor 'model.norm.weight' is stored in a type that cannot be computed with.
              expected one of {string.Join(", ", DataType.All)}
              found    'iq4_xs'
              fix      take another quantisation of the model, or convert the original: cria convert MODEL --out FILE.gguf --type q8_0
            """, wrong.Message);
    }

    [Fact]
    public void A_model_in_parts_is_read_through_its_first()
    {
        string first = WriteParts();

        using var checkpoint = Checkpoint.Open(first, cpu);

        Assert.True(checkpoint.TryGet("lm_head.weight", out var output));
        Assert.Equal(3f, output.Floats()[0]);
        Assert.Equal(folder.File("x-00002-of-00002.gguf"), checkpoint.Tensors["lm_head.weight"].File);
    }

    [Fact]
    public void A_part_that_is_not_the_first_points_to_it()
    {
        WriteParts();
        string second = folder.File("x-00002-of-00002.gguf");

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(second, cpu));

        Assert.Equal($"{second}: is part 2 of 2. Give the path of the first part, whose name ends in -00001-of-00002.gguf.", wrong.Message);
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        string first = WriteParts();
        File.Delete(folder.File("x-00002-of-00002.gguf"));

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(first, cpu));

        Assert.Equal(
            $"{first}: names the file 'x-00002-of-00002.gguf', which is not in the folder. The download is not complete: get the missing file.",
            wrong.Message);
    }

    private string WriteParts()
    {
        new GgufBytes().U32("split.no", 1).U32("split.count", 2).Floats("output.weight", [3, 3, 3], 3, 1).Write(folder.File("x-00002-of-00002.gguf"));
        return GgufBytes.TinyLlama().U32("split.no", 0).U32("split.count", 2).Floats("output_norm.weight", new float[8], 8)
            .Write(folder.File("x-00001-of-00002.gguf"));
    }

    private static int[] FirstColumn(Tensor tensor) => [.. Enumerable.Range(0, tensor.Shape.Rows).Select(row => (int)tensor.Row(row)[0])];
}
