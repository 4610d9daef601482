using Cria.Checkpoints;
using Cria.Conversion;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

public sealed class TypeMixTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string> Mixes => [.. TypeMix.Names.Where(name => TypeMix.Parse(name) is { Single: null, KeepsTypes: false })];

    public static TheoryData<string> BlockTypes =>
        [.. DataType.All.Where(type => !type.IsFloat && GgufTensorType.CodeOf(type.Name) is not null).Select(type => type.Name)];

    public void Dispose() => folder.Dispose();

    // 16 layers, so that a first eighth and every third one between can be told apart; rows of 128 + 64 do not divide into blocks of 256.
    [Theory, MemberData(nameof(Mixes))]
    public void A_mix_stores_every_tensor_in_the_type_that_llama_cpp_chooses(string mix)
    {
        var shape = RandomModel.Shape(4_096) with { Layers = 16, IntermediateSize = 320 };
        string model = RandomModel.Write(folder.File("model"), shape, Path.Combine(CriaTiny.Folder(), "tokenizer.model"));
        string full = folder.File("full.gguf"), ours = folder.File("ours.gguf"), theirs = folder.File("theirs.gguf");
        Convert(model, full, "f32");
        Convert(full, ours, mix);

        LlamaCppQuantization.QuantizeFile(full, theirs, TypeMix.Parse(mix)!.FileType);

        Assert.Equal(Types(theirs), Types(ours));
    }

    [Theory]
    [InlineData("q4_k_m", "model.layers.0.self_attn.v_proj.weight", "q6_k")]
    [InlineData("q4_k_m", "model.layers.11.self_attn.v_proj.weight", "q5_k")]
    [InlineData("q4_k_m", "model.layers.11.mlp.down_proj.weight", "q4_k")]
    [InlineData("q4_k_m", "lm_head.weight", "q6_k")]
    [InlineData("q4_k_m", "model.embed_tokens.weight", "q4_k")]
    public void The_mixes_of_a_70B_are_those_of_its_file(string mix, string tensor, string expected)
    {
        Assert.Equal(expected, TypeMix.Parse(mix)!.Of(tensor, 8_192, DataType.BF16, NamedShapes.All["llama-3.1-70b"]).Name);
    }

    [Theory, MemberData(nameof(BlockTypes))]
    public void What_storing_changes_is_no_more_than_in_llama_cpp(string name)
    {
        const int columns = 1_024;
        var type = DataType.Parse(name)!;
        using var device = new CpuBackend(threads: 2);
        var numbers = device.Normal(new Shape(64, columns), 0.02f, seed: 3);

        byte[] theirs = LlamaCppQuantization.Quantize(numbers.Floats().ToArray(), columns, GgufTensorType.CodeOf(name)!.Value, (int)type.Bytes(64 * columns));

        var bytes = Storage.Allocate(theirs.Length);
        theirs.CopyTo(bytes.Bytes(0, theirs.Length));
        double ours = Error(numbers, numbers.To(type)), their = Error(numbers, new Tensor(numbers.Shape, type, device, bytes));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {100 * ours:F3} %, llama.cpp {100 * their:F3} %");
        Assert.InRange(ours, 0, 1.0005 * their);
    }

    private static double Error(Tensor numbers, Tensor stored)
    {
        var found = stored.To(DataType.F32);
        double error = 0, squares = 0;
        for (int i = 0; i < numbers.Floats().Length; i++)
        {
            error += Math.Pow(numbers.Floats()[i] - found.Floats()[i], 2);
            squares += Math.Pow(numbers.Floats()[i], 2);
        }
        return Math.Sqrt(error / squares);
    }

    private static string[] Types(string path)
    {
        using var file = GgufFile.Open(path);
        return [.. file.Tensors.Select(tensor => $"{tensor.Name} {tensor.TypeName}").Order(StringComparer.Ordinal)];
    }

    private static void Convert(string from, string to, string type) =>
        ModelConverter.Convert(from, to, new ConversionOptions { Type = type }, TestContext.Current.CancellationToken);
}
