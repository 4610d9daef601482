using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

public sealed class GgufWriterTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public void Every_kind_of_value_is_read_as_it_was_written()
    {
        string path = folder.File("x.gguf");
        new GgufWriter().Set("text", "Grüße\0").Set("flag", true).Set("u8", (byte)200).Set("i8", (sbyte)-100).Set("u16", (ushort)60_000)
            .Set("i16", (short)-30_000).Set("u32", 4_000_000_000u).Set("i32", -2_000_000_000).Set("u64", 1ul << 40).Set("i64", -(1L << 40))
            .Set("f32", 1.5f).Set("f64", 0.1).Set("texts", ["a", "", "ß"]).Set("numbers", [1f, -2.5f]).Set("integers", [7, -8])
            .Write(path, []);
        using var file = GgufFile.Open(path);
        var found = file.Metadata;

        Assert.Equal(3, file.Version);
        Assert.Equal("Grüße\0", found.GetText("text"));
        Assert.True(found.GetFlag("flag"));
        Assert.Equal(
            [200, -100, 60_000, -30_000, 4_000_000_000, -2_000_000_000, 1L << 40, -(1L << 40)],
            new[] { "u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64" }.Select(key => found.GetInteger(key)!.Value));
        Assert.Equal([1.5, 0.1], new[] { "f32", "f64" }.Select(key => found.GetNumber(key)!.Value));
        Assert.Equal(["a", "", "ß"], found.GetTexts("texts")!);
        Assert.Equal([1f, -2.5f], found.GetNumbers("numbers")!);
        Assert.Equal([7, -8], found.GetIntegers("integers")!);
    }

    [Fact]
    public void Tensors_start_at_multiples_of_32_and_keep_name_shape_type_and_bytes()
    {
        string path = folder.File("x.gguf");
        float[] numbers = [.. Enumerable.Range(0, 64).Select(i => (float)i)];
        var a = cpu.From(numbers.AsSpan(0, 3), new Shape(3));
        var b = cpu.From(numbers, new Shape(2, 32)).To(DataType.Q8);
        new GgufWriter().Set("key", 1u).Write(path, [TensorSource.Of("a", a), TensorSource.Of("b", b)]);
        using var file = GgufFile.Open(path);

        Assert.Equal(
            [new GgufTensor("a", "f32", new Shape(3), 0, 12), new GgufTensor("b", "q8_0", new Shape(2, 32), 32, 68)], file.Tensors);
        Assert.Equal(b.Storage.Bytes(0, 68), file.Bytes(file.Tensors[1]).Bytes(0, 68));
        Assert.Equal(0, new FileInfo(path).Length % GgufWriter.Alignment);
    }

    [Fact]
    public void A_value_is_copied_from_another_file_whatever_its_type()
    {
        byte[] nested = [.. BitConverter.GetBytes(8u), .. BitConverter.GetBytes(2ul), .. GgufBytes.TextBytes("x"), .. GgufBytes.TextBytes("yz")];
        string from = new GgufBytes().Text("text", "abc").U32("number", 7).Texts("texts", "a", "bc").List("lists", 9, 1, nested)
            .Write(folder.File("from.gguf")), to = folder.File("to.gguf");
        using (var source = GgufFile.Open(from))
            source.Metadata.Keys.Aggregate(new GgufWriter(), (writer, key) => writer.Copy(key, source.Metadata)).Write(to, []);

        Assert.Equal(File.ReadAllBytes(from), File.ReadAllBytes(to));
    }

    [Fact]
    public void A_type_that_the_format_does_not_know_is_named()
    {
        var tensor = cpu.Zeros(new Shape(1, 64)).To(DataType.NF4);

        var wrong = Assert.Throws<CheckpointException>(() => new GgufWriter().Write("x.gguf", [TensorSource.Of("w", tensor)]));

        Assert.Equal("x.gguf: cannot hold tensor 'w': GGUF has no type nf4.", wrong.Message);
    }

    [Fact]
    public void A_tensor_that_comes_twice_is_named()
    {
        var tensor = TensorSource.Of("w", cpu.Zeros(new Shape(1)));

        var wrong = Assert.Throws<CheckpointException>(() => new GgufWriter().Write("x.gguf", [tensor, tensor]));

        Assert.Equal("x.gguf: tensor 'w' is in the file twice.", wrong.Message);
    }
}
