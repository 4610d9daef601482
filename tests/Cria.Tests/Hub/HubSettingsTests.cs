using Cria.Cli;
using Cria.Cli.Hub;

namespace Cria.Tests.Hub;

public class HubSettingsTests
{
    [Fact]
    public void The_cache_lies_where_huggingface_hub_has_it()
    {
        Assert.Equal("/a", Read(("HF_HUB_CACHE", "/a"), ("HUGGINGFACE_HUB_CACHE", "/b"), ("HF_HOME", "/c")).CacheFolder);
        Assert.Equal("/b", Read(("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", "/b"), ("HF_HOME", "/c")).CacheFolder);
        Assert.Equal("/c/hub", Read(("HF_HOME", "/c"), ("XDG_CACHE_HOME", "/d")).CacheFolder);
        Assert.Equal("/d/huggingface/hub", Read(("XDG_CACHE_HOME", "/d")).CacheFolder);
        Assert.Equal(Path.Combine(HubVariables.UserFolder, ".cache/huggingface/hub"), Read().CacheFolder);
        Assert.Equal(Path.Combine(HubVariables.UserFolder, "x"), Read(("HF_HUB_CACHE", "~/x")).CacheFolder);
    }

    [Fact]
    public void The_token_comes_from_the_environment_or_from_the_file_that_logging_in_leaves()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("token"), "hf_file\n");

        Assert.Equal("hf_env", Read(("HF_HOME", folder.Path), ("HF_TOKEN", " hf_env ")).Token);
        Assert.Equal("hf_file", Read(("HF_HOME", folder.Path)).Token);
        Assert.Equal("hf_file", Read(("HF_TOKEN_PATH", folder.File("token"))).Token);
        Assert.Null(Read(("HF_HOME", folder.Path), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        Assert.Throws<UsageException>(() => Read(("HF_TOKEN", "two words")));
    }

    [Fact]
    public void The_other_variables_are_heeded()
    {
        var settings = Read(("HF_ENDPOINT", "http://mirror:8080/"), ("TRANSFORMERS_OFFLINE", "yes"), ("HF_HUB_DISABLE_SYMLINKS", "1"), ("HF_HUB_DOWNLOAD_TIMEOUT", "2.5"));

        Assert.Equal(("http://mirror:8080", "TRANSFORMERS_OFFLINE", false), (settings.Endpoint, settings.OfflineBecause, settings.MayLink));
        Assert.Equal((TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(10)), (settings.DownloadTimeout, settings.AnswerTimeout));
        Assert.Null(Read(("HF_HUB_OFFLINE", "0")).OfflineBecause);
        Assert.Throws<UsageException>(() => Read(("HF_ENDPOINT", "file:///etc")));
    }

    [Theory]
    [InlineData("org/name", "org/name", null, null)]
    [InlineData("org/name@v1.0", "org/name", null, "v1.0")]
    [InlineData("org/name@refs/pr/1", "org/name", null, "refs/pr/1")]
    [InlineData("org/name:q4_k_m@main", "org/name", "q4_k_m", "main")]
    [InlineData("gpt2", "gpt2", null, null)]
    public void A_name_has_up_to_three_parts(string typed, string repository, string? type, string? revision)
    {
        Assert.Equal(new HubName(repository, type, revision), HubName.TryParse(typed));
        Assert.Equal(typed, $"{HubName.TryParse(typed)}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("../name")]
    [InlineData("org/../x")]
    [InlineData("org/..")]
    [InlineData("org/na--me")]
    [InlineData("org/name@../../../etc")]
    [InlineData("org/name@a/../b")]
    [InlineData("org/name\n")]
    [InlineData("a/b/c")]
    [InlineData("/org/name")]
    public void What_could_lead_elsewhere_is_no_name(string typed)
    {
        Assert.Null(HubName.TryParse(typed));
    }

    [Theory]
    [InlineData("*.json", "a/b.json", true)]
    [InlineData("*.json", "b.jsonl", false)]
    [InlineData("model-0000[13]*", "model-00003-of-4.safetensors", true)]
    [InlineData("model-0000[!13]*", "model-00003-of-4.safetensors", false)]
    [InlineData("original/", "original/params.json", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("[", "[", true)]
    public void Patterns_are_those_of_Python(string pattern, string path, bool matches)
    {
        Assert.Equal(matches, Glob.IsMatch(pattern, path));
    }

    private static HubSettings Read(params (string Name, string Value)[] variables) =>
        HubSettings.From(variables.ToDictionary(variable => variable.Name, variable => variable.Value).GetValueOrDefault);
}
