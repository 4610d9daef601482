using Cria.Checkpoints;

namespace Cria.Tests.Checkpoints;

public sealed class GgufMetadataTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_type_of_value_is_read()
    {
        using var file = Open(new GgufBytes()
            .Raw("u8", 0, [200]).Raw("i8", 1, [200]).Raw("u16", 2, [0xFF, 0xFF]).Raw("i16", 3, [0xFF, 0xFF])
            .U32("u32", 4_000_000_000).Raw("i32", 5, BitConverter.GetBytes(-7)).F32("f32", 1.5f).Raw("yes", 7, [1]).Raw("no", 7, [0])
            .Text("text", "crème").Raw("u64", 10, BitConverter.GetBytes(1L << 40)).Raw("i64", 11, BitConverter.GetBytes(-1L))
            .Raw("f64", 12, BitConverter.GetBytes(0.25)).Texts("texts", "a", "", "c")
            .List("floats", 6, 2, [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(-2f)])
            .List("ints", 5, 2, [.. BitConverter.GetBytes(1), .. BitConverter.GetBytes(-2)]));

        var metadata = file.Metadata;

        Assert.Equal([200, -56, 65535, -1, 4_000_000_000, -7, 1L << 40, -1],
            new[] { "u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64" }.Select(key => metadata.GetInteger(key)!.Value));
        Assert.Equal((1.5, 0.25, -7), (metadata.GetNumber("f32"), metadata.GetNumber("f64"), metadata.GetNumber("i32")));
        Assert.Equal((true, false), (metadata.GetFlag("yes"), metadata.GetFlag("no")));
        Assert.Equal("crème", metadata.GetText("text"));
        Assert.Equal(["a", "", "c"], metadata.GetTexts("texts")!);
        Assert.Equal([1f, -2f], metadata.GetNumbers("floats")!);
        Assert.Equal([1L, -2], metadata.GetIntegers("ints")!);
        Assert.Equal(16, metadata.Keys.Count);
    }

    [Fact]
    public void A_key_that_is_absent_gives_null()
    {
        using var file = Open(new GgufBytes());

        Assert.False(file.Metadata.Contains("x"));
        Assert.Null(file.Metadata.GetText("x"));
        Assert.Null(file.Metadata.GetInteger("x"));
        Assert.Null(file.Metadata.GetTexts("x"));
    }

    [Fact]
    public void A_value_of_another_type_is_named()
    {
        using var file = Open(new GgufBytes().Texts("tokens", "a", "b").F32("half", 0.5f));

        var list = Assert.Throws<CheckpointException>(() => file.Metadata.GetText("tokens"));
        var number = Assert.Throws<CheckpointException>(() => file.Metadata.GetInteger("half"));

        Assert.Equal($"{file.Name}: metadata 'tokens' is of the wrong type.\n  expected a text\n  found    a list of 2 × text", list.Message);
        Assert.Equal($"{file.Name}: metadata 'half' is of the wrong type.\n  expected a whole number\n  found    one f32", number.Message);
    }

    [Fact]
    public void Values_are_described_in_one_line()
    {
        using var file = Open(new GgufBytes().Texts("tokens", "a", "b").F32("half", 0.5f).Raw("yes", 7, [1]).Text("name", "tiny").Text("long", new string('x', 300)));

        Assert.Equal(
            ["a list of 2 × text", "0.5", "true", "tiny", "a text of 300 characters"],
            file.Metadata.Keys.Select(file.Metadata.Describe));
    }

    [Fact]
    public void A_closed_file_is_not_read()
    {
        var file = Open(new GgufBytes().Text("name", "tiny"));

        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.Metadata.GetText("name"));
    }

    private GgufFile Open(GgufBytes bytes) => GgufFile.Open(bytes.Write(folder.File("x.gguf")));
}
