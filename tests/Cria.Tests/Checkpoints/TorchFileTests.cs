using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

/// <summary>PyTorch files that are right, in all the ways in which they may be.</summary>
public sealed class TorchFileTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public void Tensors_of_every_float_type_are_read_in_place()
    {
        var file = new TorchBytes().Floats("a", [1, -2, 3, 4, 5, 6], 2, 3)
            .Tensor("b", "HalfStorage", [.. BitConverter.GetBytes((Half)1.5f)], 1).Tensor("c", "BFloat16Storage", [0x80, 0x3F], 1);

        using var checkpoint = Open(file);

        Assert.Equal([1f, -2, 3, 4, 5, 6], Floats(checkpoint, "a"));
        Assert.Equal([1.5f], Floats(checkpoint, "b"));
        Assert.Equal([1f], Floats(checkpoint, "c"));
        Assert.True(checkpoint.TryGet("a", out var a) && a.Storage.IsMapped && a.Shape == new Shape(2, 3));
        Assert.Equal(["f32", "f16", "bf16"], checkpoint.Tensors.Values.Select(info => info.TypeName));
    }

    [Fact]
    public void Whole_numbers_are_read_and_other_types_named()
    {
        using var checkpoint = Open(new TorchBytes().Tensor("ids", "LongStorage", [.. BitConverter.GetBytes(-7L)], 1).Tensor("double", "DoubleStorage", new byte[8], 1));

        Assert.Equal([-7L], checkpoint.Integers("ids"));
        Assert.Contains("found    'f64'", Assert.Throws<CheckpointException>(() => checkpoint.TryGet("double", out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_share_a_storage_and_a_transposed_one_is_put_into_rows()
    {
        var file = new TorchBytes().Floats("a", [1, 2, 3, 4, 5, 6], 2, 3)
            .ViewOfLast("second row", offset: 3, [3], [1])
            .ViewOfLast("transposed", offset: 0, [3, 2], [1, 3])
            .ViewOfLast("column", offset: 1, [2], [3])
            .ViewOfLast("scalar", offset: 4, [], [])
            .ViewOfLast("empty", offset: 0, [0, 3], [3, 1]);

        using var checkpoint = Open(file);

        Assert.Equal([4f, 5, 6], Floats(checkpoint, "second row"));
        Assert.Equal([1f, 4, 2, 5, 3, 6], Floats(checkpoint, "transposed"));
        Assert.Equal([2f, 5], Floats(checkpoint, "column"));
        Assert.Equal([5f], Floats(checkpoint, "scalar"));
        Assert.Empty(Floats(checkpoint, "empty"));
    }

    [Theory]
    [InlineData("model")]
    [InlineData("state_dict")]
    [InlineData("state_dict", "model")]
    [InlineData("module", "model_state_dict")]
    public void Weights_are_found_beside_the_state_of_a_trainer(params string[] wrappers)
    {
        using var checkpoint = Open(new TorchBytes { Wrappers = wrappers }.Floats("a", [1], 1));

        Assert.Equal(["a"], checkpoint.Tensors.Keys);
    }

    [Fact]
    public void Parameters_protocol_4_and_untyped_storages_are_understood()
    {
        var pickle = new PickleBytes().Raw([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0]).Raw((byte)'}', 0x94).Mark()
            .Raw([0x8C, 1, (byte)'p', 0x94]);
        Named(pickle, "torch._utils", "_rebuild_parameter").Mark();
        Named(pickle, "torch._utils", "_rebuild_tensor_v3").Mark().Mark().Text("storage");
        Named(pickle, "torch.storage", "UntypedStorage").Text("0").Text("cuda:0").Number(8).Raw("tQ"u8);
        pickle.Number(0).Tuple(2).Tuple(1).Raw(0x89).OrderedDictionary();
        Named(pickle, "torch", "float32").Raw((byte)'t', (byte)'R', 0x88).OrderedDictionary().Raw("tRu"u8);
        string path = folder.File("p.pth");
        File.WriteAllBytes(path, new TorchBytes().Floats("x", [3, 4], 2).Make(pickle.End()));

        using var checkpoint = Checkpoint.Open(path, cpu);

        Assert.Equal([3f, 4], Floats(checkpoint, "p"));
    }

    [Theory]
    [InlineData("models/pt/tiny_fair_checkpoint.pt", 2, 32, 256, 500)]
    [InlineData("models/pt/tiny_llama2_checkpoint.pt", 2, 64, 256, 100)]
    public void Real_files_of_Meta_and_torchtune_open_under_the_names_of_Hugging_Face(string file, long layers, long hidden, long intermediate, long vocabulary)
    {
        using var checkpoint = Checkpoint.Open(TestData.Path(file), cpu);

        var known = KnownShape.Of(checkpoint);

        Assert.Equal((layers, hidden, intermediate, vocabulary), (known.Layers, known.HiddenSize, known.IntermediateSize, known.VocabularySize));
        Assert.Equal(2 * 9 + 3, checkpoint.Tensors.Count);
        Assert.All(Floats(checkpoint, "model.layers.1.mlp.down_proj.weight"), number => Assert.True(float.IsFinite(number)));
        Assert.False(checkpoint.HasConfig);
        string message = Assert.Throws<CheckpointException>(() => checkpoint.Config).Message;
        Assert.Contains($"known    num_hidden_layers {layers}, hidden_size {hidden}", message, StringComparison.Ordinal);
        Assert.Contains("missing  n_heads (num_attention_heads), norm_eps (rms_norm_eps) and rope_theta", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_settings_beside_a_real_file_are_enough_to_run_it()
    {
        File.Copy(TestData.Path("models/pt/tiny_llama2_checkpoint.pt"), folder.File("model.pt"));
        File.WriteAllText(folder.File("params.json"), """{"n_heads": 4, "n_kv_heads": 2, "norm_eps": 1e-5, "rope_theta": 10000}""");
        using var checkpoint = Checkpoint.Open(folder.File("model.pt"), cpu);
        using var off = Gradients.Off();

        var model = new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, cpu);

        Assert.Equal((4, 2, 16), (model.Config.Heads, model.Config.KeyValueHeads, model.Config.HeadSize));
        Assert.All(model.Logits(model.Forward([1, 2, 3], ForwardContext.Sequences(3))).Floats().ToArray(), logit => Assert.True(float.IsFinite(logit)));
    }

    // 16 GB of holes, which take no space on the disk.
    [Fact]
    public void A_file_of_8_billion_numbers_opens_at_once_and_is_not_copied()
    {
        const int d = 4096, f = 14336, vocabulary = 128_256, keys = 1024;
        var file = new TorchBytes().Hole("tok_embeddings.weight", vocabulary, d).Hole("norm.weight", d).Hole("output.weight", vocabulary, d);
        for (int i = 0; i < 32; i++)
        {
            string layer = $"layers.{i}";
            file.Hole($"{layer}.attention.wq.weight", d, d).Hole($"{layer}.attention.wk.weight", keys, d).Hole($"{layer}.attention.wv.weight", keys, d)
                .Hole($"{layer}.attention.wo.weight", d, d).Hole($"{layer}.feed_forward.w1.weight", f, d).Hole($"{layer}.feed_forward.w2.weight", d, f)
                .Hole($"{layer}.feed_forward.w3.weight", f, d).Hole($"{layer}.attention_norm.weight", d).Hole($"{layer}.ffn_norm.weight", d);
        }
        file.Write(folder.File("consolidated.00.pth"));
        File.WriteAllText(folder.File("params.json"),
            """{"dim": 4096, "n_layers": 32, "n_heads": 32, "n_kv_heads": 8, "vocab_size": 128256, "multiple_of": 1024, "ffn_dim_multiplier": 1.3, "norm_eps": 1e-05, "rope_theta": 500000.0, "use_scaled_rope": true}""");
        long allocated = GC.GetAllocatedBytesForCurrentThread();

        Quick.Within(seconds: 1, () =>
        {
            using var checkpoint = Checkpoint.Open(folder.Path, cpu);
            var config = LlamaConfig.Read(checkpoint);
            LlamaShapes.Check(config, checkpoint);
            Assert.True(checkpoint.TryGet("model.layers.31.mlp.up_proj.weight", out var up) && up.Storage.IsMapped);
            Assert.Equal(8_030_261_248, config.ParameterCount);
            Assert.Equal(new Llama3RotaryScaling(8, 1, 4, 8192), config.RotaryScaling);
            Assert.Equal(131_072, config.ContextLength);
        });

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 60 << 20);
    }

    private static PickleBytes Named(PickleBytes pickle, string module, string name) => pickle.Text(module).Text(name).Raw(0x93).Put();

    private static float[] Floats(Checkpoint checkpoint, string name) =>
        checkpoint.TryGet(name, out var tensor) ? tensor.To(DataType.F32).Floats().ToArray() : throw new KeyNotFoundException(name);

    private Checkpoint Open(TorchBytes file) => Checkpoint.Open(file.Write(folder.File("x.pth")), cpu);
}
