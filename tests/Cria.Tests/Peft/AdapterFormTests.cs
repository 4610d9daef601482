using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.Checkpoints;

namespace Cria.Tests.Peft;

/// <summary>One adapter in the files of every tool: each computes the same.</summary>
public sealed class AdapterFormTests : IDisposable
{
    private const string Golden = "peft-lora-all", Base = "llama2-gqa", Prefix = "base_model.model.";

    private readonly Golden golden = new(Golden, Base);
    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string> Forms => ["bin", "gguf", "mlx", "mlx alpha", "npz", "loralib", "loralib meta", "torchtune", "saved gguf", "saved peft"];

    private int HeadSize => golden.Model.Config.HeadSize;

    public void Dispose()
    {
        folder.Dispose();
        golden.Dispose();
    }

    [Theory, MemberData(nameof(Forms))]
    public void Every_form_computes_the_same(string form)
    {
        using var off = Gradients.Off();
        string path = Write(form);
        var reference = AdapterFile.Load(golden.Model, golden.Folder);
        float[] expected = Logits();
        reference.Detach();

        var adapter = AdapterFile.Load(golden.Model, path, form is "npz" or "loralib" or "loralib meta" ? 16 : null);

        Near.Equal(expected, Logits(), Tolerances.SameModel, form);
        Assert.Equal(reference.Trained.Select(parameter => parameter.Name).Order(), adapter.Trained.Select(parameter => parameter.Name).Order());
        Assert.Null(adapter.Note);
    }

    [Fact]
    public void An_alpha_that_no_file_tells_is_taken_to_be_the_rank_and_said()
    {
        string path = Write("loralib");

        var adapter = AdapterFile.Load(golden.Model, path);

        Assert.Equal(8, ((LoraOptions)adapter.Options).Alpha);
        Assert.Equal($"{path}: says no alpha; it is taken to be the rank, so that the scale is 1. ADAPTER:2 doubles it.", adapter.Note);
    }

    [Fact]
    public void Layers_without_factors_are_left_alone()
    {
        var file = new TorchBytes();
        foreach (var (name, tensor) in Tensors().Where(pair => pair.Name.Contains("layers.2.self_attn.q_proj", StringComparison.Ordinal)))
            file.Tensor(name.Replace(".weight", "", StringComparison.Ordinal), tensor);

        var adapter = AdapterFile.Load(golden.Model, file.Write(folder.File("one.pt")));

        Assert.Equal(["model.layers.2.self_attn.q_proj.lora_A.weight", "model.layers.2.self_attn.q_proj.lora_B.weight"], adapter.Trained.Select(parameter => parameter.Name));
        Assert.Equal([2], AdapterFile.Describe(folder.File("one.pt")).Layers);
    }

    [Fact]
    public void Layers_of_different_ranks_and_scales_keep_them_in_gguf()
    {
        using var off = Gradients.Off();
        var options = new LoraOptions { Rank = 4, Alpha = 8, Rslora = true, RankPattern = ["q_proj=2"], AlphaPattern = ["v_proj=24"] };
        var adapter = options.Attach(golden.Model, seed: 3);
        foreach (var b in adapter.Trained.Where(parameter => parameter.Name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
            b.Value.Set(golden.Device.Normal(b.Value.Shape, 0.1f, seed: 4).ToArray());
        float[] expected = Logits();

        AdapterFile.Save(adapter, folder.File("x.gguf"), AdapterForm.Gguf, "some base");
        adapter.Detach();
        var read = AdapterFile.Load(golden.Model, folder.File("x.gguf"));

        Near.Equal(expected, Logits(), Tolerances.SameModel);
        Assert.Equal("some base", AdapterFile.Describe(folder.File("x.gguf")).Base);
        Assert.Equal(4, ((LoraOptions)read.Options).Rank);
    }

    [Fact]
    public void What_is_saved_for_llama_cpp_has_its_keys_names_and_order_of_rows()
    {
        string path = Write("saved gguf");

        using var file = GgufFile.Open(path);

        Assert.Equal("adapter", file.Metadata.GetText("general.type"));
        Assert.Equal("llama", file.Metadata.GetText("general.architecture"));
        Assert.Equal("lora", file.Metadata.GetText("adapter.type"));
        Assert.Equal(16, file.Metadata.GetNumber("adapter.lora.alpha"));
        Assert.Contains("one f32", CheckpointExceptionOf(() => file.Metadata.GetInteger("adapter.lora.alpha")), StringComparison.Ordinal);
        var (a, b) = (file.Tensors.Single(tensor => tensor.Name == "blk.1.attn_q.weight.lora_a"), file.Tensors.Single(tensor => tensor.Name == "blk.1.attn_q.weight.lora_b"));
        Assert.Equal((new Shape(8, 64), new Shape(64, 8)), (a.Shape, b.Shape));
        var ours = Tensors().Single(pair => pair.Name == "model.layers.1.self_attn.q_proj.lora_B.weight").Tensor;
        for (int row = 0; row < 4; row++)
        {
            int half = (row % 2 * HeadSize / 2) + (row / 2);        // of neighbours (2i, 2i + 1), the first comes from i, the second from i + D/2
            Assert.Equal(ours.Row(half), file.Bytes(b).Floats(row * 8, 8));
        }
    }

    [Fact]
    public void What_llama_cpp_cannot_hold_is_not_written()
    {
        var adapter = new LoraOptions { Rank = 2, Dora = true }.Attach(golden.Model, seed: 1);

        Assert.Contains("dora trains the sizes of the rows too", CheckpointExceptionOf(() => AdapterFile.Save(adapter, folder.File("x.gguf"), AdapterForm.Gguf)), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("x.gguf")));
    }

    [Fact]
    public void A_real_adapter_of_mlx_has_the_factors_that_another_converter_found()
    {
        string path = TestData.Path("models/adapters/discollama");

        var description = AdapterFile.Describe(path);
        using var content = AdapterFile.Open(path, golden.Device, alpha: null);

        var options = Assert.IsType<LoraOptions>(description.Options);
        Assert.Equal((AdapterForm.Mlx, 8, 16f), (description.Form, options.Rank, options.Alpha));
        Assert.Equal(["q_proj", "v_proj"], options.Targets.Names.Order());
        Assert.Equal([30, 31], description.Layers);
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(path, "expected_gguf_tensors.json")))!;
        foreach (var tensor in content.Tensors.Where(tensor => tensor.Name.Contains("v_proj", StringComparison.Ordinal)))
        {
            string layer = tensor.Name.Split('.')[2], factor = tensor.Name.Contains("lora_A", StringComparison.Ordinal) ? "lora_a" : "lora_b";
            var half = tensor.Read(headSize: 128).To(DataType.F16);
            Assert.Equal((string)expected[$"blk.{layer}.attn_v.weight.{factor}"]!, Convert.ToHexStringLower(SHA256.HashData(half.Storage.Bytes(0, (int)half.Storage.Length))));
        }
    }

    [Fact]
    public void A_real_archive_of_numpy_is_read()
    {
        var description = AdapterFile.Describe(TestData.Path("models/adapters/tiny-random-llama-lora.npz"));

        Assert.Equal(8, Assert.IsType<LoraOptions>(description.Options).Rank);
        Assert.Equal(28, description.Tensors.Count);
        Assert.Equal([0, 1], description.Layers);
        Assert.Contains("the scale is taken to be 1", description.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_factors_says_so()
    {
        string path = new TorchBytes().Floats("a", [1], 1).Write(folder.File("x.pt"));

        Assert.StartsWith($"{path}: holds no adapter that Cria reads.", CheckpointExceptionOf(() => AdapterFile.Load(golden.Model, path)), StringComparison.Ordinal);
        Assert.False(AdapterFile.Is(path));
    }

    [Fact]
    public void A_factor_without_the_other_is_named()
    {
        string path = new TorchBytes().Floats("model.layers.0.self_attn.q_proj.lora_A", new float[64], 1, 64).Write(folder.File("x.pt"));

        Assert.Equal($"{path}: tensor 'model.layers.0.self_attn.q_proj.lora_A' has no factor B beside it, and a LoRA is a product of the two.",
            CheckpointExceptionOf(() => AdapterFile.Load(golden.Model, path)));
    }

    [Theory]
    [InlineData("gguf")]
    [InlineData("loralib")]
    [InlineData("npz")]
    public void Any_damage_ends_in_a_checkpoint_exception(string form)
    {
        string path = Write(form);
        byte[] whole = File.ReadAllBytes(path);

        Damage.Try(whole, times: 300, seed: 4, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            AdapterFile.Load(golden.Model, path).Detach();
        });
    }

    private static string CheckpointExceptionOf(Action action) => Assert.Throws<CheckpointException>(action).Message;

    private float[] Logits()
    {
        int[] ids = golden.Sequences("input_ids")[0];
        return golden.Model.Logits(golden.Model.Forward(ids, ForwardContext.Sequences(ids.Length))).ToArray();
    }

    private List<(string Name, Tensor Tensor)> Tensors()
    {
        using var file = Checkpoint.Open(Path.Combine(golden.Folder, HuggingFaceAdapter.WeightsFile), golden.Device);
        return [.. file.Tensors.Keys.Select(name => (name[Prefix.Length..], file.TryGet(name, out var tensor) ? golden.Device.From(tensor.ToArray(), tensor.Shape) : throw new KeyNotFoundException(name)))];
    }

    private string Write(string form)
    {
        switch (form)
        {
            case "bin":
                File.Copy(Path.Combine(golden.Folder, HuggingFaceAdapter.ConfigFile), folder.File(HuggingFaceAdapter.ConfigFile));
                Torch(name => Prefix + name, meta: false).Write(folder.File("adapter_model.bin"));
                return folder.Path;
            case "loralib":
                return Torch(name => name[..^".weight".Length], meta: false).Write(folder.File("lora.pt"));
            case "loralib meta":
                return Torch(name => MetaName(name)[..^".weight".Length], meta: true).Write(folder.File("lora.pt"));
            case "torchtune":
                File.Copy(Path.Combine(golden.Folder, HuggingFaceAdapter.ConfigFile), folder.File(HuggingFaceAdapter.ConfigFile));
                return Torch(TorchtuneName, meta: true).Write(folder.File("adapter_0.pt"));
            case "npz":
                return Npz();
            case "gguf":
                return Gguf().Write(folder.File("lora.gguf"));
            case "mlx" or "mlx alpha":
                return Mlx(form == "mlx" ? """{"rank": 8, "scale": 2.0, "dropout": 0.0, "keys": ["self_attn.q_proj"]}""" : """{"rank": 8, "alpha": 16, "dropout": 0.0}""");
            default:
                string path = folder.File(form);
                var adapter = AdapterFile.Load(golden.Model, golden.Folder);
                AdapterFile.Save(adapter, path, form == "saved gguf" ? AdapterForm.Gguf : AdapterForm.HuggingFace);
                adapter.Detach();
                return path;
        }
    }

    private TorchBytes Torch(Func<string, string> rename, bool meta)
    {
        var file = new TorchBytes();
        foreach (var (name, tensor) in Tensors())
            file.Tensor(rename(name), meta ? Interleaved(name, tensor) : tensor);
        return file;
    }

    private GgufBytes Gguf()
    {
        var file = new GgufBytes().Text("general.architecture", "llama").Text("general.type", "adapter").Text("adapter.type", "lora").F32("adapter.lora.alpha", 16);
        foreach (var (name, tensor) in Tensors())
        {
            string path = GgufNames.FromHuggingFace($"{LoraNames.PathOf(name)}.weight"), factor = name.Contains("lora_A", StringComparison.Ordinal) ? "lora_a" : "lora_b";
            file.Floats($"{path}.{factor}", Interleaved(name, tensor).ToArray(), (ulong)tensor.Shape.Columns, (ulong)tensor.Shape.Rows);
        }
        return file;
    }

    private string Mlx(string parameters)
    {
        Safetensors.Write(folder.File("adapters.safetensors"), Tensors().Select(pair => KeyValuePair.Create(
            pair.Name.Replace(".weight", "", StringComparison.Ordinal).Replace("lora_A", "lora_a", StringComparison.Ordinal).Replace("lora_B", "lora_b", StringComparison.Ordinal),
            Orthonormal.Transpose(pair.Tensor))));
        File.WriteAllText(folder.File("adapter_config.json"), $$"""{"fine_tune_type": "lora", "num_layers": 16, "model": "m", "lora_parameters": {{parameters}}}""");
        return folder.Path;
    }

    private string Npz()
    {
        string path = folder.File("lora.npz");
        using var stream = File.Create(path);
        var zip = new ZipBytes(stream);
        foreach (var (name, tensor) in Tensors())
        {
            string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({tensor.Shape.Columns}, {tensor.Shape.Rows}), }}".PadRight(117) + "\n";
            var numbers = Orthonormal.Transpose(tensor).Storage;
            zip.Add($"{name}.npy", [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. System.Text.Encoding.ASCII.GetBytes(header), .. numbers.Bytes(0, (int)numbers.Length)]);
        }
        zip.End();
        return path;
    }

    private Tensor Interleaved(string name, Tensor tensor) => name.Contains("lora_B", StringComparison.Ordinal) ? MetaBytes.Interleaved(name, tensor, HeadSize) : tensor;

    private static string MetaName(string name)
    {
        var (path, factor) = LoraNames.Split(name)!.Value;
        return $"{MetaBytes.NameOf($"{path}.weight")[..^".weight".Length]}.{factor}";
    }

    private static string TorchtuneName(string name) => name["model.".Length..]
        .Replace("self_attn.o_proj", "attn.output_proj", StringComparison.Ordinal).Replace("self_attn", "attn", StringComparison.Ordinal)
        .Replace("gate_proj", "w1", StringComparison.Ordinal).Replace("down_proj", "w2", StringComparison.Ordinal).Replace("up_proj", "w3", StringComparison.Ordinal)
        .Replace("lora_A", "lora_a", StringComparison.Ordinal).Replace("lora_B", "lora_b", StringComparison.Ordinal);
}
