using System.Runtime.InteropServices;
using System.Text;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;
using Cria.Tests.Peft;

namespace Cria.Tests.Checkpoints;

/// <summary>The 4-bit weights of bitsandbytes, read and written: against what its own kernels made, and there and back.</summary>
public sealed class BitsAndBytesTests : IDisposable
{
    private const string State = "w.weight.quant_state.bitsandbytes__nf4";
    private const string PlainState = """{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [96, 128]}""";

    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();
    private readonly Checkpoint golden;

    public BitsAndBytesTests() => golden = Checkpoint.Open(TestData.Fixture("nf4.safetensors"), cpu);

    public static TheoryData<string> Types => ["nf4", "nf4-dq", "fp4"];

    public void Dispose()
    {
        golden.Dispose();
        folder.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public void Packed_weights_have_the_values_that_the_library_computes()
    {
        using var checkpoint = Open(Plain());

        Assert.Equal(["w.weight"], checkpoint.Tensors.Keys);
        Assert.True(checkpoint.TryGet("w.weight", out var weight));

        Assert.Equal(("nf4", new Shape(96, 128)), (weight.Type.Name, weight.Shape));
        Assert.Equal(Floats("a.dequant"), weight.To(DataType.F32).Floats().ToArray());
    }

    [Fact]
    public void Nested_scales_stay_bytes_and_have_the_values_that_the_library_computes()
    {
        using var checkpoint = Open(Nested(blockSize: 64));

        Assert.True(checkpoint.TryGet("w.weight", out var weight));

        Assert.Equal("nf4-dq", weight.Type.Name);
        Assert.Equal(Floats("a.dq.dequant"), weight.To(DataType.F32).Floats().ToArray());
    }

    [Fact]
    public void A_larger_blocksize_is_read_with_a_scale_for_each_64()
    {
        var parts = Plain();
        float[] scales = [.. Floats("a.absmax").Where((_, i) => i % 2 == 0)];
        parts[1].Data = AsBytes(scales);
        parts[1].Shape = [96];
        parts[3] = StateOf(PlainState.Replace("64", "128", StringComparison.Ordinal));
        using var checkpoint = Open(parts);

        Assert.True(checkpoint.TryGet("w.weight", out var weight));

        var (found, whole) = (FourBitParts.Of(weight).Scales, Floats("a.dequant"));
        Assert.Equal(scales, found.Where((_, i) => i % 2 == 0));
        Assert.Equal(scales, found.Where((_, i) => i % 2 == 1));
        Assert.Equal(whole[..64], weight.To(DataType.F32).Floats()[..64].ToArray());
    }

    [Fact]
    public void The_tensors_and_the_state_are_written_as_the_library_writes_them()
    {
        using var checkpoint = Open(Nested(blockSize: 64));
        checkpoint.TryGet("w.weight", out var weight);

        var written = BitsAndBytes.Write("w.weight", weight!).Select(Made).ToList();

        Assert.Equal(
            ["w.weight", "w.weight.absmax", "w.weight.quant_map", "w.weight.nested_absmax", "w.weight.nested_quant_map", State],
            written.Select(tensor => tensor.Name));
        Assert.Equal("[6144, 1]", BitsAndBytes.Write("w.weight", weight!).First().Shape.ToString());
        Assert.Equal(Bytes("a.dq.packed"), written[0].Data);
        Assert.Equal(Bytes("a.dq.absmax_q"), written[1].Data);
        Assert.Equal(AsBytes(Floats("nf4.code")), written[2].Data);
        Assert.Equal(AsBytes(Floats("a.dq.nested_absmax")), written[3].Data);
        Assert.Equal(AsBytes(Floats("a.dq.nested_code")), written[4].Data);
        Assert.StartsWith(
            """{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [96, 128], "nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": """,
            Encoding.UTF8.GetString(written[5].Data), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Types))]
    public void A_model_in_four_bits_is_the_same_after_writing_and_reading(string name)
    {
        var model = SmallModel.Make(cpu, name);
        File.WriteAllBytes(folder.File("model.safetensors"), SafetensorsBytes.Make([.. model.Parameters.SelectMany(Parts)]));
        var config = SmallModel.Shape.ToJson();
        config["quantization_config"] = BitsAndBytes.Config(DataType.Parse(name)!);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());

        using var checkpoint = Checkpoint.Open(folder.Path, cpu);
        var read = new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, cpu);

        Assert.All(read.Linears, slot => Assert.Equal(name, ((Linear)slot.Linear).Weight.Value.Type.Name));
        Assert.Equal(SmallModel.Logits(model), SmallModel.Logits(read));
    }

    [Theory]
    [InlineData("""{"quant_type": "int4", "blocksize": 64, "dtype": "bfloat16", "shape": [96, 128]}""", "expected quant_type nf4 or fp4, found 'int4'")]
    [InlineData("""{"quant_type": "nf4", "blocksize": 32, "dtype": "bfloat16", "shape": [96, 128]}""", "expected a blocksize of 64, 128, … 4096, found 32 (nested: 0)")]
    [InlineData("""{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [128, 96]}""", "expected rows of a multiple of 64 numbers, found [128, 96]")]
    [InlineData("""{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [4294967296, 4294967296]}""", null)]
    [InlineData("""{"quant_type": "nf4", "blocksize": 64, "shape": [96, 128]}""", null)]
    [InlineData("""["nf4"]""", null)]
    [InlineData("", null)]
    public void A_wrong_state_is_named(string json, string? problem)
    {
        var parts = Plain();
        parts[3] = StateOf(json);

        var wrong = Assert.Throws<CheckpointException>(() => Open(parts));

        problem ??= "expected a JSON object with quant_type, blocksize, dtype and shape, nested_blocksize and nested_offset where scales are nested";
        Assert.Equal($"{folder.File("x.safetensors")}: tensor '{State}', which describes a 4-bit weight of bitsandbytes: {problem}.", wrong.Message);
    }

    [Fact]
    public void Scales_that_do_not_fit_the_shape_are_refused()
    {
        var parts = Plain();
        parts[1].Data = new byte[4 * 191];
        parts[1].Shape = [191];

        var wrong = Assert.Throws<CheckpointException>(() => Open(parts));

        Assert.Equal(
            $"""
            {folder.File("x.safetensors")}: tensor 'w.weight.absmax' has the wrong number of bytes for its 4-bit weight of bitsandbytes.
              expected 768, from the shape and the blocksize in its quant_state
              found    764
            """, wrong.Message);
    }

    [Fact]
    public void Another_map_is_refused()
    {
        var parts = Plain();
        parts[2].Data = new byte[64];
        using var checkpoint = Open(parts);

        var wrong = Assert.Throws<CheckpointException>(() => checkpoint.TryGet("w.weight", out _));

        Assert.StartsWith($"{folder.File("x.safetensors")}: tensor 'w.weight.quant_map' is not a map that bitsandbytes writes.", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"quant_method": "gptq", "bits": 4}""", "'gptq'")]
    [InlineData("""{"quant_method": "bitsandbytes", "load_in_8bit": true}""", "'bitsandbytes with load_in_8bit'")]
    public void Weights_packed_by_others_are_named(string packed, string found)
    {
        var config = SmallModel.Shape.ToJson();
        config["quantization_config"] = System.Text.Json.Nodes.JsonNode.Parse(packed);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        File.WriteAllBytes(folder.File("model.safetensors"), SafetensorsBytes.Make([.. Plain()]));
        using var checkpoint = Checkpoint.Open(folder.Path, cpu);

        var wrong = Assert.Throws<CheckpointException>(() => LlamaConfig.Read(checkpoint));

        Assert.Contains($"found    {found}", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_read_or_refused()
    {
        byte[] whole = SafetensorsBytes.Make([.. Nested(blockSize: 64)]);

        Damage.Try(whole, times: 300, seed: 5, bytes =>
        {
            File.WriteAllBytes(folder.File("x.safetensors"), bytes);
            using var checkpoint = Checkpoint.Open(folder.File("x.safetensors"), cpu);
            checkpoint.TryGet("w.weight", out _);
        });
    }

    [Fact]
    public void Damaged_states_are_read_or_refused()
    {
        byte[] json = Encoding.UTF8.GetBytes(NestedState(blockSize: 64));

        Damage.Try(json, times: 1_000, seed: 6, bytes => QuantState.Parse("x", "w", bytes));
    }

    private Checkpoint Open((string Name, string Type, long[] Shape, byte[] Data)[] parts)
    {
        File.WriteAllBytes(folder.File("x.safetensors"), SafetensorsBytes.Make(parts));
        return Checkpoint.Open(folder.File("x.safetensors"), cpu);
    }

    private (string Name, string Type, long[] Shape, byte[] Data)[] Plain() =>
    [
        ("w.weight", "U8", [6144, 1], Bytes("a.packed")),
        ("w.weight.absmax", "F32", [192], AsBytes(Floats("a.absmax"))),
        ("w.weight.quant_map", "F32", [16], AsBytes(Floats("nf4.code"))),
        StateOf(PlainState),
    ];

    private (string Name, string Type, long[] Shape, byte[] Data)[] Nested(int blockSize) =>
    [
        ("w.weight", "U8", [6144, 1], Bytes("a.dq.packed")),
        ("w.weight.absmax", "U8", [192], Bytes("a.dq.absmax_q")),
        ("w.weight.quant_map", "F32", [16], AsBytes(Floats("nf4.code"))),
        ("w.weight.nested_absmax", "F32", [1], AsBytes(Floats("a.dq.nested_absmax"))),
        ("w.weight.nested_quant_map", "F32", [256], AsBytes(Floats("a.dq.nested_code"))),
        StateOf(NestedState(blockSize)),
    ];

    private string NestedState(int blockSize) => Encoding.UTF8.GetString(
        new QuantState("nf4", blockSize, "bfloat16", new Shape(96, 128), 256, Floats("a.dq.offset")[0]).ToJson());

    private static (string Name, string Type, long[] Shape, byte[] Data) StateOf(string json) =>
        (State, "U8", [Encoding.UTF8.GetByteCount(json)], Encoding.UTF8.GetBytes(json));

    private static IEnumerable<(string Name, string Type, long[] Shape, byte[] Data)> Parts(Parameter parameter) =>
        BitsAndBytes.CanWrite(parameter.Value.Type)
            ? BitsAndBytes.Write(parameter.Name, parameter.Value).Select(Made)
            : [Made(TensorSource.Of(parameter.Name, parameter.Value))];

    private static (string Name, string Type, long[] Shape, byte[] Data) Made(TensorSource tensor)
    {
        using var stream = new MemoryStream();
        tensor.Write(stream);
        Assert.Equal(tensor.Length, stream.Length);
        long[] shape = [.. Enumerable.Range(0, tensor.Shape.Rank).Select(axis => tensor.Shape[axis])];
        return (tensor.Name, tensor.TypeName.ToUpperInvariant(), shape, stream.ToArray());
    }

    private float[] Floats(string name) => golden.TryGet(name, out var tensor) ? tensor.Floats().ToArray() : throw new KeyNotFoundException(name);

    private byte[] Bytes(string name) => [.. golden.Integers(name).Select(number => (byte)number)];

    private static byte[] AsBytes(float[] numbers) => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
}
