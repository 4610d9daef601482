using Cria.Cli;
using Cria.Cli.Hub;

namespace Cria.Tests.Hub;

/// <summary>What the hub may not do, and what it may refuse: each has a message with the fix, and nothing is written outside of the model's folder.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly HubFixture here = new();

    public void Dispose() => here.Dispose();

    [Theory]
    [InlineData(401, null)]
    [InlineData(403, "hf_secret")]
    public async Task A_gated_model_names_the_page_to_open(int status, string? token)
    {
        here.Settings = here.Settings with { Token = token };
        here.Hub.Intercept = _ => Answer.Error(status, ("X-Error-Code", "GatedRepo"));

        var refused = await here.RefusedAsync();

        Assert.Contains($"page     {here.Hub.Address}/org/tiny (log in there and accept)", refused.Message);
        Assert.Contains(token is null ? "set HF_TOKEN to a token from" : "your token's user has not", refused.Message);
        Assert.DoesNotContain("hf_secret", refused.Message);
    }

    [Fact]
    public async Task A_token_that_the_hub_does_not_know_is_told()
    {
        here.Settings = here.Settings with { Token = "hf_old" };
        here.Hub.Intercept = _ => Answer.Error(401);

        var refused = await here.RefusedAsync();

        Assert.StartsWith("org/tiny: the hub does not accept the token", refused.Message);
    }

    [Fact]
    public async Task A_misspelt_name_is_answered_with_the_closest()
    {
        here.Hub.Intercept = question => question.Path == "/api/models"
            ? new Answer(200, """[{"id":"org/huge"},{"id":"org/tiny"}]"""u8.ToArray())
            : Answer.Error(401, ("X-Error-Code", "RepoNotFound"));

        var refused = await here.RefusedAsync("org/tyni");

        Assert.Equal(
            $"""
            org/tyni: the hub has no such model, or it is private.
              closest  org/tiny
              page     {here.Hub.Address}/org/tyni
              fix      check the name; for a private model, set HF_TOKEN to a token from {here.Hub.Address}/settings/tokens (or write it to {here.Settings.TokenFile})
            """, refused.Message);
    }

    [Fact]
    public async Task A_revision_that_is_not_there_is_told()
    {
        var refused = await here.RefusedAsync("org/tiny@v9");

        Assert.Equal("org/tiny: has no revision 'v9': expected a branch, a tag or a commit of the model.", refused.Message);
    }

    [Fact]
    public async Task Content_whose_hash_is_wrong_is_thrown_away()
    {
        here.Hub.InterceptStore = _ => new Answer(200, new byte[300_000]);

        var refused = await here.RefusedAsync();

        Assert.StartsWith("org/tiny: 'model.safetensors' arrived changed, and was thrown away.\n  expected SHA-256 ", refused.Message);
        Assert.Empty(Directory.GetFiles(Path.Combine(here.Model, "blobs"), $"{Path.GetFileName(here.Blob("model.safetensors"))}*"));
        Assert.False(Path.Exists(Path.Combine(here.Snapshot, "model.safetensors")));
        Assert.False(Directory.Exists(Path.Combine(here.Model, "refs")));
    }

    [Fact]
    public async Task A_small_file_is_checked_by_the_hash_of_git()
    {
        here.Hub.Intercept = question => question.Path.EndsWith("/config.json", StringComparison.Ordinal) ? new Answer(200, "[]"u8.ToArray()) : null;

        var refused = await here.RefusedAsync();

        Assert.StartsWith("org/tiny: 'config.json' arrived changed, and was thrown away.\n  expected git's SHA-1 ", refused.Message);
    }

    [Theory]
    [InlineData("../evil.json", "leads out of the model's folder")]
    [InlineData("a/../../evil.json", "leads out of the model's folder")]
    [InlineData("/etc/evil.json", "leads out of the model's folder")]
    [InlineData("a//b", "leads out of the model's folder")]
    [InlineData("config.json/evil", "is a file and a folder at once")]
    [InlineData("ev\u001bil", "holds a control character")]
    [InlineData("", "is empty or longer than any path")]
    public async Task A_list_with_a_name_that_no_file_can_have_is_refused_whole(string name, string why)
    {
        here.Hub.AlsoListed.Add(name);

        var refused = await here.RefusedAsync();

        Assert.StartsWith("org/tiny: nothing was fetched: the file name ", refused.Message);
        Assert.Contains(why, refused.Message);
        Assert.DoesNotContain('\u001b', refused.Message);
        Assert.Empty(Directory.GetFileSystemEntries(here.Folder));
    }

    [Theory]
    [InlineData("aux.safetensors")]
    [InlineData("C:\\evil.safetensors")]
    [InlineData("..\\evil.safetensors")]
    [InlineData("evil.safetensors.")]
    public async Task A_name_that_means_something_else_elsewhere_is_not_fetched(string name)
    {
        here.Hub.AlsoListed.Add(name);

        await Assert.ThrowsAsync<HubException>(() => here.PullAsync(include: ["*"]));
        await here.PullAsync();

        Assert.Equal(3, Directory.GetFileSystemEntries(here.Snapshot).Length);
    }

    [Fact]
    public async Task More_bytes_than_announced_are_not_taken()
    {
        here.Hub.InterceptStore = _ => new Answer(200, new byte[400_000]);

        var refused = await here.RefusedAsync();

        Assert.Contains("has another length than the hub announced.\n  expected 300,000 bytes\n  found    400,000 or more", refused.Message);
    }

    [Fact]
    public async Task A_model_larger_than_the_disk_is_refused_before_it_is_fetched()
    {
        here.Hub.Intercept = question => question.Path.StartsWith("/api/", StringComparison.Ordinal)
            ? new Answer(200, System.Text.Encoding.UTF8.GetBytes(
                $$"""{"sha":"{{here.Hub.Commit}}","siblings":[{"rfilename":"model.safetensors","lfs":{"sha256":"{{new string('e', 64)}}","size":9000000000000000000} }]}"""))
            : null;

        var refused = await here.RefusedAsync();

        Assert.StartsWith("org/tiny: there is not enough room for it in ", refused.Message);
        Assert.Empty(here.Hub.StoreQuestions);
    }

    [Theory]
    [InlineData("<html>", "no JSON")]
    [InlineData("[]", "JSON of another form")]
    [InlineData("{}", "no commit")]
    [InlineData("""{"sha":"../../../../../etc/aaaaaaaaaaaaaaaaaaaaaaa"}""", "no commit")]
    [InlineData("""{"sha":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","siblings":7}""", "no list of files")]
    [InlineData("""{"sha":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","siblings":[7]}""", "JSON of another form")]
    public async Task An_answer_of_another_form_is_told(string answer, string found)
    {
        here.Hub.Intercept = _ => new Answer(200, System.Text.Encoding.UTF8.GetBytes(answer));

        var refused = await here.RefusedAsync();

        Assert.Contains($"the hub's answer cannot be understood: {found}", refused.Message);
    }

    [Fact]
    public async Task A_file_of_another_commit_is_refused()
    {
        here.Hub.TellsHashes = false;
        here.Hub.Intercept = question => question.Method == "HEAD" ? Answer.Error(200, ("X-Repo-Commit", new string('b', 40))) : null;

        var refused = await here.RefusedAsync();

        Assert.StartsWith("org/tiny: the hub answers with a file of another commit.", refused.Message);
    }

    [Fact]
    public async Task Redirects_without_end_are_given_up()
    {
        here.Hub.Intercept = question => Answer.Error(307, ("Location", question.Target));

        Assert.Contains("without end", (await here.RefusedAsync()).Message);
    }

    [Fact]
    public async Task Without_the_network_the_cache_is_all_there_is()
    {
        here.Settings = here.Settings with { OfflineBecause = "HF_HUB_OFFLINE" };
        var refused = await here.RefusedAsync();
        Assert.Contains("org/tiny: is not in the cache", refused.Message);
        Assert.Contains("unset HF_HUB_OFFLINE", refused.Message);
        here.Settings = here.Settings with { OfflineBecause = null };
        await here.PullAsync();
        int asked = here.Hub.Questions.Length;
        here.Settings = here.Settings with { OfflineBecause = "HF_HUB_OFFLINE" };

        var result = await here.PullAsync();

        Assert.Equal((here.Snapshot, asked), (result.Folder, here.Hub.Questions.Length));
        File.Delete(here.Blob("model.safetensors"));
        Assert.Contains("model.safetensors is missing", (await here.RefusedAsync()).Message);
    }

    [Fact]
    public async Task Of_several_GGUF_models_one_has_to_be_named()
    {
        here.Hub.Files.Clear();
        here.Hub.Files["tiny-Q4_K_M.gguf"] = new byte[40];
        here.Hub.Files["tiny-Q4_K_S.gguf"] = new byte[30];
        here.Hub.Files["tiny-Q8_0-00001-of-00002.gguf"] = new byte[80];
        here.Hub.Files["tiny-Q8_0-00002-of-00002.gguf"] = new byte[70];
        here.Hub.Files["mmproj-tiny-f16.gguf"] = new byte[10];

        var wrong = await Assert.ThrowsAsync<UsageException>(() => here.PullAsync());
        var one = await here.PullAsync(type: "q4_k_m");
        var parts = await here.PullAsync("org/tiny", type: "Q8_0");

        Assert.Equal(
            """
            org/tiny: has several GGUF models; choose one:
              tiny-Q4_K_S.gguf  30 B
              tiny-Q4_K_M.gguf  40 B
              tiny-Q8_0.gguf    150 B, 2 parts
            For example: cria pull org/tiny --include "tiny-Q4_K_M*", or --type with the type in the name.
            """, wrong.Message);
        Assert.Equal(["tiny-Q4_K_M.gguf"], one.Files.Select(file => file.Path));
        Assert.Equal(2, parts.Files.Count);
        Assert.Equal(Path.Combine(here.Snapshot, "tiny-Q4_K_M.gguf"), ModelCache.Resolve("org/tiny:q4_k_m", here.Settings.CacheFolder));
    }
}
