namespace Cria.Tests;

/// <summary>
/// Where tests find files. Small ones are always there (<see cref="Fixture"/>); real vocabularies, models and texts are not in
/// the repository, and a test that asks for one that is absent is skipped and says so.
/// </summary>
internal static class TestData
{
    /// <summary>The root of the checkout: the nearest folder above the test program that holds Cria.slnx.</summary>
    public static string Checkout { get; } = FindCheckout();

    /// <summary>A file or folder of the real data: under $CRIA_TEST_DATA, or else in shared/data beside the checkout. Skips the test when absent.</summary>
    public static string Path(string relative)
    {
        string folder = Environment.GetEnvironmentVariable("CRIA_TEST_DATA")
            ?? System.IO.Path.GetFullPath(System.IO.Path.Combine(Checkout, "..", "shared", "data"));
        string path = System.IO.Path.Combine(folder, relative);
        if (!File.Exists(path) && !Directory.Exists(path))
            Assert.Skip($"{path} is absent. Set CRIA_TEST_DATA to the folder of the real test data.");
        return path;
    }

    /// <summary>A file or folder under tests/fixtures, which every checkout has.</summary>
    public static string Fixture(string relative)
    {
        string path = System.IO.Path.Combine(Checkout, "tests", "fixtures", relative);
        Assert.True(File.Exists(path) || Directory.Exists(path), $"{path} is missing from the checkout.");
        return path;
    }

    /// <summary>A fresh empty folder for one test. The test deletes it through the returned handle.</summary>
    public static TemporaryFolder Folder() => new();

    private static string FindCheckout()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Cria.slnx")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Cria.slnx.");
    }
}

/// <summary>A folder that is gone at the end of its <c>using</c>.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cria-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
