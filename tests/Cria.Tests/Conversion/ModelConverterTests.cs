using Cria.Checkpoints;
using Cria.Conversion;
using Cria.Models;
using Cria.Tensors;
using Cria.Tests.Checkpoints;

namespace Cria.Tests.Conversion;

public sealed class ModelConverterTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string, string> ModelsAndTypes =>
        [.. from model in (string[])["llama1-mha", "llama2-gqa", "llama3.1-rope", "llama3.2-tied"] from type in (string[])["f32", "f16", "bf16"] select (model, type)];

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(ModelsAndTypes))]
    public void To_GGUF_and_back_the_answers_stay_the_same(string name, string type)
    {
        using var golden = new Golden(name);
        string source = TestData.Fixture($"golden/{name}"), gguf = folder.File("x.gguf"), back = folder.File("back"), direct = folder.File("direct");
        var ids = golden.Sequences("input_ids");

        Convert(source, direct, type);
        Convert(direct, gguf);
        Convert(gguf, back);

        var expected = Answers.Logits(direct, ids);
        Near.Equal(expected, Answers.Logits(gguf, ids), Tolerances.SameModel, "GGUF");
        Near.Equal(expected, Answers.Logits(back, ids), Tolerances.SameModel, "and back");
        if (type == "f32")
            Near.Equal(golden["logits"], expected, Tolerances.Logits, "transformers");
        if (type == "f32")
            ExpectGreedy(golden, gguf);
    }

    [Theory, MemberData(nameof(Golden.DenseModels), MemberType = typeof(Golden))]
    public void The_bytes_come_back_as_they_were(string name)
    {
        string source = TestData.Fixture($"golden/{name}"), gguf = folder.File("x.gguf"), back = folder.File("back");
        Convert(source, gguf);
        Convert(gguf, back);
        using var device = new CpuBackend(threads: 1);
        using var before = Checkpoint.Open(source, device);
        using var after = Checkpoint.Open(back, device);

        Assert.Equal(before.Tensors.Keys.Order(), after.Tensors.Keys.Order());
        foreach (string tensor in before.Tensors.Keys)
        {
            Assert.True(before.TryGet(tensor, out var was));
            Assert.True(after.TryGet(tensor, out var now));
            Assert.Equal(was.Floats(), now.Floats());
        }
    }

    [Fact]
    public void Rows_of_q_and_k_are_brought_to_neighbours()
    {
        string gguf = folder.File("x.gguf"), source = TestData.Fixture("golden/llama2-gqa");
        Convert(source, gguf);
        using var device = new CpuBackend(threads: 1);
        using var before = Checkpoint.Open(source, device);
        using var file = GgufFile.Open(gguf);
        Assert.True(before.TryGet("model.layers.1.self_attn.k_proj.weight", out var k));
        var written = new Tensor(k.Shape, DataType.F32, device, file.Bytes(file.Tensors.Single(tensor => tensor.Name == "blk.1.attn_k.weight")));

        int size = LlamaConfig.Read(before).HeadSize;
        for (int i = 0; i < size / 2; i++)
        {
            Assert.Equal(k.Row(size + i), written.Row(size + 2 * i));
            Assert.Equal(k.Row(size + size / 2 + i), written.Row(size + 2 * i + 1));
        }
    }

    [Fact]
    public void Metadata_says_what_llama_cpp_s_converter_says()
    {
        string gguf = folder.File("x.gguf");
        Convert(TestData.Fixture("golden/llama3.1-rope"), gguf, "f16");
        using var file = GgufFile.Open(gguf);
        string said = string.Join('\n', file.Metadata.Keys.Select(key => $"{key} = {file.Metadata.Describe(key)}"));

        Assert.Equal(
            """
            general.architecture = llama
            general.type = model
            general.name = llama3.1-rope
            general.size_label = 216.3K
            llama.block_count = 2
            llama.context_length = 256
            llama.embedding_length = 96
            llama.feed_forward_length = 172
            llama.attention.head_count = 6
            llama.attention.head_count_kv = 3
            llama.attention.key_length = 16
            llama.attention.value_length = 16
            llama.attention.layer_norm_rms_epsilon = 9.999999747378752E-06
            llama.rope.freq_base = 500000
            llama.rope.dimension_count = 16
            llama.vocab_size = 320
            tokenizer.ggml.model = none
            general.file_type = 1
            general.quantization_version = 2
            """, said, ignoreLineEndingDifferences: true);
        Assert.Equal("f32", file.Tensors.Single(tensor => tensor.Name == "blk.0.attn_norm.weight").TypeName);
        Assert.Equal("f16", file.Tensors.Single(tensor => tensor.Name == "blk.0.attn_q.weight").TypeName);
    }

    [Fact]
    public void Meta_s_scaling_is_found_again_behind_its_divisors()
    {
        var shape = NamedShapes.All["llama-3.2-1b"];
        string path = new GgufBytes().Text("general.architecture", "llama").Floats(LlamaShapes.RotaryFactors, RotaryFactors.Of(shape)!, 32).Write(folder.File("x.gguf"));
        using var device = new CpuBackend(threads: 1);
        using var checkpoint = Checkpoint.Open(path, device);

        Assert.Equal(shape.RotaryScaling, RotaryFactors.Fit(shape, checkpoint));
    }

    [Fact]
    public void Divisors_that_no_setting_gives_cannot_go_into_a_folder()
    {
        string gguf = folder.File("x.gguf"), path = folder.File("odd.gguf");
        Convert(TestData.Fixture("golden/llama3.1-rope"), gguf);
        byte[] bytes = File.ReadAllBytes(gguf);
        using (var file = GgufFile.Open(gguf))
        {
            var factors = file.Tensors.Single(tensor => tensor.Name == LlamaShapes.RotaryFactors);
            BitConverter.GetBytes(0.5f).CopyTo(bytes, bytes.Length - file.Tensors.Max(tensor => (tensor.Start + tensor.Length + 31) / 32 * 32) + factors.Start);
        }
        File.WriteAllBytes(path, bytes);

        var wrong = Assert.Throws<CheckpointException>(() => Convert(path, folder.File("back")));

        Assert.StartsWith($"{path}: tensor 'rope_freqs.weight' does not follow from Llama 3.1's settings.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_model_is_cut_into_files_with_an_index()
    {
        string back = folder.File("back"), source = TestData.Fixture("golden/llama2-gqa");
        ModelConverter.Convert(source, back, new ConversionOptions { MaxShardBytes = 100_000 }, TestContext.Current.CancellationToken);
        string[] files = [.. Directory.GetFiles(back).Select(file => Path.GetFileName(file)).Order()];
        using var golden = new Golden("llama2-gqa");

        Assert.Contains("model.safetensors.index.json", files);
        Assert.Contains("model-00002-of-00008.safetensors", files);
        Assert.Equal(8, JsonFile.Read(Path.Combine(back, "model.safetensors.index.json"))["weight_map"]!.AsObject().Select(pair => (string)pair.Value!).Distinct().Count());
        Near.Equal(golden["logits"], Answers.Logits(back, golden.Sequences("input_ids")), Tolerances.Logits);
    }

    [Theory]
    [InlineData("nf4")]
    [InlineData("nf4-dq")]
    [InlineData("fp4")]
    public void Four_bits_of_bitsandbytes_are_what_the_engine_makes_of_the_weights(string type)
    {
        string four = folder.File("four"), again = folder.File("again");
        Convert(CriaTiny.Name, four, type);
        ModelConverter.Convert(four, again, new ConversionOptions { MaxShardBytes = 500_000 }, TestContext.Current.CancellationToken);
        int[] ids = [.. Enumerable.Range(0, 20).Select(i => i * 7)];
        using var llama = Llama.Load(CriaTiny.Name, new LlamaOptions { BaseType = DataType.Parse(type) });

        Assert.Equal("bitsandbytes", (string?)JsonFile.Read(Path.Combine(four, "config.json"))["quantization_config"]!["quant_method"]);
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer.model", "tokenizer_config.json"],
            Directory.GetFiles(four).Select(file => Path.GetFileName(file)).Order());
        Near.Equal(Answers.Logits(llama.Model, ids), Answers.Logits(four, ids), Tolerances.SameModel, "written");
        Near.Equal(Answers.Logits(llama.Model, ids), Answers.Logits(again, ids), Tolerances.SameModel, "written again, in parts");
    }

    [Fact]
    public void Four_bits_of_bitsandbytes_become_half_precision_in_GGUF()
    {
        string four = folder.File("four"), path = folder.File("x.gguf");
        Convert(CriaTiny.Name, four, "nf4-dq");

        Convert(four, path);

        using var file = GgufFile.Open(path);
        Assert.Equal("f16", file.Tensors.Single(tensor => tensor.Name == "blk.0.attn_q.weight").TypeName);
        Assert.Equal("bf16", file.Tensors.Single(tensor => tensor.Name == "token_embd.weight").TypeName);
        int[] ids = [.. Enumerable.Range(0, 20).Select(i => i * 7)];
        Near.Equal(Answers.Logits(four, ids), Answers.Logits(path, ids), Tolerances.OtherKernels);
    }

    [Fact]
    public void Every_other_file_of_a_folder_is_taken_over()
    {
        string back = folder.File("back");
        Convert(CriaTiny.Folder(), back, "f16");

        Assert.Equal(File.ReadAllBytes(Path.Combine(CriaTiny.Folder(), "tokenizer.model")), File.ReadAllBytes(Path.Combine(back, "tokenizer.model")));
        Assert.Equal("float16", (string?)JsonFile.Read(Path.Combine(back, "config.json"))["torch_dtype"]);
        Assert.True(File.Exists(Path.Combine(back, "tokenizer.json")));
        Assert.True(File.Exists(Path.Combine(back, "generation_config.json")));
    }

    [Fact]
    public void The_tokenizer_goes_along_in_both_directions()
    {
        string gguf = folder.File("x.gguf"), back = folder.File("back");
        Convert(CriaTiny.Name, gguf);
        Convert(gguf, back);
        var expected = Llama.LoadTokenizer(CriaTiny.Name);
        const string text = "Once upon a time, there was a grün 🦙!\n\n  1234";

        Assert.All(new[] { gguf, back }, path =>
        {
            var found = Llama.LoadTokenizer(path);
            Assert.Equal(expected.Encode(text, addBegin: true), found.Encode(text, addBegin: true));
            Assert.Equal(expected.EndOfText.Order(), found.EndOfText.Order());
        });
    }

    [Fact]
    public void Between_GGUF_files_unknown_keys_stay()
    {
        string from = folder.File("from.gguf"), to = folder.File("to.gguf");
        Convert(TestData.Fixture("golden/llama2-gqa"), folder.File("plain.gguf"));
        using (var file = GgufFile.Open(folder.File("plain.gguf")))
        {
            var writer = file.Metadata.Keys.Aggregate(new GgufWriter(), (writer, key) => writer.Copy(key, file.Metadata)).Set("someone.else", "x");
            writer.Write(from, [.. file.Tensors.Select(t => new TensorSource(t.Name, t.TypeName, t.Shape, t.Length, stream => TensorSource.WriteBytes(stream, file.Bytes(t))))]);
        }

        Convert(from, to, "f16");

        using var found = GgufFile.Open(to);
        Assert.Equal("x", found.Metadata.GetText("someone.else"));
        Assert.Equal(1, found.Metadata.GetInteger("general.file_type"));
    }

    [Fact]
    public void All_that_is_wrong_with_the_settings_is_told_at_once()
    {
        File.WriteAllText(folder.File("there"), "");

        var wrong = Assert.Throws<OptionsException>(() => Convert(CriaTiny.Name, folder.File("there"), "q8_0"));

        Assert.Contains("--type: a Hugging Face folder cannot hold q8_0", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("is there already. Give another name, or --force to replace it.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_would_be_lost_is_named()
    {
        string source = folder.File("source");
        Convert(TestData.Fixture("golden/llama2-gqa"), source);
        using var device = new CpuBackend(threads: 1);
        using (var weights = Checkpoint.Open(source, device))
        {
            Safetensors.Write(folder.File("new"), [.. weights.Tensors.Keys.Select(name => KeyValuePair.Create(name, weights.TryGet(name, out var t) ? t : null!)),
                KeyValuePair.Create("model.layers.0.self_attn.q_proj.bias", device.Zeros(new Shape(4)))]);
        }
        File.Move(folder.File("new"), Path.Combine(source, "model.safetensors"), overwrite: true);

        var wrong = Assert.Throws<CheckpointException>(() => Convert(source, folder.File("x.gguf")));

        Assert.StartsWith($"{source}: tensor 'model.layers.0.self_attn.q_proj.bias' would be lost.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversion_that_is_stopped_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => ModelConverter.Convert(CriaTiny.Name, folder.File("x.gguf"), new ConversionOptions(), stop.Token));
        Assert.Throws<OperationCanceledException>(() => ModelConverter.Convert(CriaTiny.Name, folder.File("x"), new ConversionOptions(), stop.Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static ConversionReport Convert(string from, string to, string type = TypeMix.Keep) =>
        ModelConverter.Convert(from, to, new ConversionOptions { Type = type, Threads = 2 }, TestContext.Current.CancellationToken);

    private static void ExpectGreedy(Golden golden, string path)
    {
        using var device = new CpuBackend(threads: 2);
        using var checkpoint = Checkpoint.Open(path, device);
        int[] expected = golden.Sequences("greedy").Single(), prompt = golden.Sequences("input_ids")[0];
        Answers.AreGreedy(new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, device), prompt, expected[prompt.Length..], tie: 0);
    }
}
