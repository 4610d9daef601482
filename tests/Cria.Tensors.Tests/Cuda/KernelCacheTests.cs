namespace Cria.Tensors.Tests.Cuda;

public sealed class KernelCacheTests : IDisposable
{
    private static readonly byte[] code = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private readonly string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void What_was_kept_is_found_again()
    {
        var cache = new KernelCache(folder);

        Assert.Null(cache.Find("a"));
        cache.Keep("a", code);

        Assert.Equal(code, new KernelCache(folder).Find("a"));
        Assert.Null(cache.Find("b"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(500)]
    public void A_file_that_was_cut_off_is_not_believed(int length)
    {
        var cache = new KernelCache(folder);
        cache.Keep("a", code);
        string file = Directory.GetFiles(folder).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);

        Assert.Null(cache.Find("a"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(1031)]
    public void A_file_that_was_changed_is_not_believed(int place)
    {
        var cache = new KernelCache(folder);
        cache.Keep("a", code);
        string file = Directory.GetFiles(folder).Single();
        byte[] bytes = File.ReadAllBytes(file);
        bytes[place] ^= 1;
        File.WriteAllBytes(file, bytes);

        Assert.Null(cache.Find("a"));
    }

    [Fact]
    public void A_place_that_refuses_is_no_error()
    {
        File.WriteAllText(folder, "a file, where a folder is wanted");
        try
        {
            var cache = new KernelCache(folder);

            cache.Keep("a", code);

            Assert.Null(cache.Find("a"));
        }
        finally
        {
            File.Delete(folder);
        }
    }

    [Fact]
    public void Without_a_folder_nothing_is_kept()
    {
        var cache = new KernelCache(null);

        cache.Keep("a", code);

        Assert.Null(cache.Find("a"));
    }
}
