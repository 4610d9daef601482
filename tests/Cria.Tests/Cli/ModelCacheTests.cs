using Cria.Cli;

namespace Cria.Tests.Cli;

public class ModelCacheTests
{
    [Theory]
    [InlineData("cria-tiny")]
    [InlineData("../up/there")]
    [InlineData("org/../../etc")]
    [InlineData("org/name@../../../etc")]
    [InlineData("name-without-owner")]
    public void What_is_no_name_on_the_hub_stays_as_it_was_typed(string model)
    {
        Assert.Equal(model, ModelCache.Resolve(model));
    }

    [Fact]
    public async Task A_model_that_is_not_in_the_cache_says_how_to_get_it()
    {
        var run = await Command.RunAsync("run", "org/name-that-nobody-fetched@v1", "Hello");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("org/name-that-nobody-fetched@v1: there is no such file or folder, and no such model in the Hugging Face cache", run.Error);
        Assert.Contains("fix      cria pull org/name-that-nobody-fetched@v1", run.Error);
    }

    [Fact]
    public void A_model_is_found_by_its_branch_and_by_its_commit()
    {
        using var cache = TestData.Folder();
        string model = cache.File("models--org--name"), snapshot = Path.Combine(model, "snapshots", new string('c', 40));
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(model, "refs", "refs", "pr"));
        File.WriteAllText(Path.Combine(model, "refs", "main"), new string('c', 40));
        File.WriteAllText(Path.Combine(model, "refs", "refs", "pr", "1"), new string('c', 40));

        foreach (string name in new[] { "org/name", "org/name@main", "org/name@refs/pr/1", $"org/name@{new string('c', 40)}" })
            Assert.Equal(snapshot, ModelCache.Resolve(name, cache.Path));
    }
}
