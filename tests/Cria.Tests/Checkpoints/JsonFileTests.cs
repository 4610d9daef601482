using Cria.Checkpoints;

namespace Cria.Tests.Checkpoints;

public sealed class JsonFileTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "is not valid JSON at line 1, byte 1 (or names a key twice, or is nested deeper than 64).")]
    [InlineData("{\n  \"a\": ]", "is not valid JSON at line 2, byte 8 (or names a key twice, or is nested deeper than 64).")]
    [InlineData("[1]", "is JSON, but not an object of keys and values.")]
    [InlineData("null", "is JSON, but not an object of keys and values.")]
    public void What_is_not_an_object_says_where(string json, string message)
    {
        string path = folder.File("config.json");
        File.WriteAllText(path, json);

        var wrong = Assert.Throws<CheckpointException>(() => JsonFile.Read(path));

        Assert.Equal($"{path}: {message}", wrong.Message);
    }

    [Fact]
    public void A_key_cannot_come_twice()
    {
        string path = folder.File("config.json");
        File.WriteAllText(path, """{"a": 1, "a": 2}""");

        Assert.Throws<CheckpointException>(() => JsonFile.Read(path));
    }

    [Fact]
    public void A_deep_file_is_refused()
    {
        string path = folder.File("config.json");
        File.WriteAllText(path, "{\"a\":" + new string('[', 100_000));

        var wrong = Assert.Throws<CheckpointException>(() => JsonFile.Read(path));

        Assert.Contains("nested deeper than 64", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_file_is_refused_unread()
    {
        string path = folder.File("config.json");
        using (var stream = File.Create(path))
            stream.SetLength(1L << 33);
        long before = GC.GetAllocatedBytesForCurrentThread();

        var wrong = Assert.Throws<CheckpointException>(() => JsonFile.Read(path));

        Assert.Equal(
            $"""
            {path}: is too long to be what its name says.
              expected 33,554,432 bytes at most
              found    8,589,934,592 bytes
            """, wrong.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void The_mark_of_some_editors_is_skipped()
    {
        string path = folder.File("config.json");
        File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}']);

        Assert.Empty(JsonFile.Read(path));
    }
}
