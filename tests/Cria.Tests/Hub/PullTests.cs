using Cria.Cli.Hub;

namespace Cria.Tests.Hub;

/// <summary>From a hub on the loopback into an empty cache: what is fetched, how it lies there, and what happens when the connection breaks.</summary>
public sealed class PullTests : IDisposable
{
    private readonly HubFixture here = new();

    public void Dispose() => here.Dispose();

    [Fact]
    public async Task The_cache_is_laid_out_as_huggingface_hub_documents_it()
    {
        var result = await here.PullAsync();

        Assert.Equal((here.Hub.Commit, here.Snapshot), (result.Commit, result.Folder));
        Assert.Equal(here.Hub.Commit, File.ReadAllText(Path.Combine(here.Model, "refs", "main")));
        foreach (var (file, content) in here.Hub.Files)
        {
            var link = new FileInfo(Path.Combine(here.Snapshot, file));
            Assert.Equal(Path.Combine("..", "..", "blobs", TestHub.HashOf(file, content)), link.LinkTarget);
            Assert.Equal(content, File.ReadAllBytes(link.FullName));
        }
        Assert.True(File.Exists(Path.Combine(here.Model, ".no_exist", here.Hub.Commit, "chat_template.jinja")));
        Assert.True(File.Exists(Path.Combine(here.Settings.CacheFolder, ".locks", "models--org--tiny", $"{Path.GetFileName(here.Blob("config.json"))}.lock")));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(here.Model, "blobs")).Length);
    }

    [Fact]
    public async Task A_second_pull_fetches_nothing()
    {
        await here.PullAsync();

        var again = await here.PullAsync();

        Assert.Equal(0, again.Fetched);
        Assert.All(here.Hub.Files.Keys, file => Assert.Equal(1, here.Hub.Fetched(file)));
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_not_to_where_it_sends_on()
    {
        here.Settings = here.Settings with { Token = "hf_secret" };

        await here.PullAsync();

        Assert.All(here.Hub.Questions, question => Assert.Equal("Bearer hf_secret", question.Header("Authorization")));
        Assert.All(here.Hub.StoreQuestions, question => Assert.Null(question.Header("Authorization")));
        Assert.NotEmpty(here.Hub.StoreQuestions);
    }

    [Fact]
    public async Task A_broken_connection_is_taken_up_where_it_broke()
    {
        int left = 2;
        here.Hub.InterceptStore = question => left-- > 0
            ? TestHub.Content(question, here.Hub.Files["model.safetensors"]) with { BreaksAfter = 100_000 }
            : null;

        await here.PullAsync();

        Assert.Equal([0, 100_000, 200_000], here.Hub.StoreQuestions.Select(question => question.From));
        Assert.Equal(here.Hub.Files["model.safetensors"], File.ReadAllBytes(here.Blob("model.safetensors")));
        Assert.Equal(2, here.Pauses.Count);
    }

    [Fact]
    public async Task A_stopped_pull_keeps_what_arrived_and_the_next_one_goes_on_from_there()
    {
        using var stop = new CancellationTokenSource();
        int asked = 0;
        here.Hub.InterceptStore = question =>
        {
            if (asked++ == 0)
                return TestHub.Content(question, here.Hub.Files["model.safetensors"]) with { BreaksAfter = 150_000 };
            stop.Cancel();
            return Answer.Error(503);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => here.PullUntilAsync(stop.Token));
        Assert.Equal(150_000, new FileInfo($"{here.Blob("model.safetensors")}.incomplete").Length);
        Assert.False(File.Exists(Path.Combine(here.Model, "refs", "main")));
        here.Hub.InterceptStore = null;

        var result = await here.PullAsync();

        Assert.Equal(150_000, here.Hub.StoreQuestions[^1].From);
        Assert.Equal(150_000, result.Fetched);
        Assert.False(File.Exists($"{here.Blob("model.safetensors")}.incomplete"));
    }

    [Fact]
    public async Task What_another_run_left_damaged_is_fetched_anew()
    {
        Directory.CreateDirectory(Path.Combine(here.Model, "blobs"));
        await File.WriteAllBytesAsync($"{here.Blob("model.safetensors")}.incomplete", new byte[1_000], TestContext.Current.CancellationToken);

        await here.PullAsync();

        Assert.Equal([1_000, 0], here.Hub.StoreQuestions.Select(question => question.From));
        Assert.Equal(here.Hub.Files["model.safetensors"], File.ReadAllBytes(here.Blob("model.safetensors")));
    }

    [Fact]
    public async Task A_store_that_knows_no_ranges_is_read_from_the_start()
    {
        bool first = true;
        here.Hub.InterceptStore = _ =>
        {
            int breaks = first ? 1_000 : int.MaxValue;
            first = false;
            return new Answer(200, here.Hub.Files["model.safetensors"]) { BreaksAfter = breaks };
        };

        await here.PullAsync();

        Assert.Equal(here.Hub.Files["model.safetensors"], File.ReadAllBytes(here.Blob("model.safetensors")));
    }

    [Fact]
    public async Task A_busy_hub_is_left_alone_for_as_long_as_it_asks()
    {
        int refusals = 0;
        here.Hub.Intercept = _ => refusals++ switch { 0 => Answer.Error(429, ("Retry-After", "17")), 1 => Answer.Error(503), _ => null };

        await here.PullAsync();

        Assert.Equal([TimeSpan.FromSeconds(17), TimeSpan.FromSeconds(2)], here.Pauses);
        Assert.Contains("429 (too many requests)", here.Log.ToString());
    }

    [Fact]
    public async Task A_hub_that_never_answers_is_given_up()
    {
        here.Hub.Intercept = _ => Answer.Error(503);

        var refused = await here.RefusedAsync();

        Assert.StartsWith("org/tiny: asking the hub failed 6 times: the hub answers 503", refused.Message);
        Assert.Equal([1, 2, 4, 8, 16], here.Pauses.Select(pause => (int)pause.TotalSeconds));
    }

    [Fact]
    public async Task A_model_that_changes_meanwhile_is_never_mixed()
    {
        string first = here.Hub.Commit;
        byte[] old = here.Hub.Files["model.safetensors"];
        here.Hub.InterceptStore = question =>
        {
            here.Hub.Commit = new string('b', 40);
            return TestHub.Content(question, old);
        };

        var result = await here.PullAsync(include: ["model.safetensors"]);

        Assert.Equal(first, result.Commit);
        Assert.All(here.Hub.Questions.Where(question => question.Path.Contains("/resolve/", StringComparison.Ordinal)), question => Assert.Contains(first, question.Path));
        Assert.Equal(first, File.ReadAllText(Path.Combine(here.Model, "refs", "main")));
    }

    [Fact]
    public async Task Two_commits_share_what_is_equal()
    {
        await here.PullAsync();
        string first = here.Snapshot;
        here.Hub.Commit = new string('b', 40);
        here.Hub.Files["config.json"] = "{ }"u8.ToArray();

        var result = await here.PullAsync();

        Assert.Equal(3, result.Fetched);
        Assert.Equal("{}", File.ReadAllText(Path.Combine(first, "config.json")));
        Assert.Equal("{ }", File.ReadAllText(Path.Combine(here.Snapshot, "config.json")));
        Assert.Equal(4, Directory.GetFiles(Path.Combine(here.Model, "blobs")).Length);
    }

    [Fact]
    public async Task Lengths_and_hashes_that_the_list_leaves_out_are_asked_for()
    {
        here.Hub.TellsHashes = false;

        await here.PullAsync();

        Assert.Equal(3, here.Hub.Questions.Count(question => question.Method == "HEAD"));
        Assert.Equal(here.Hub.Files["model.safetensors"], File.ReadAllBytes(here.Blob("model.safetensors")));
    }

    [Fact]
    public async Task Where_links_cannot_be_the_snapshot_holds_the_files_themselves()
    {
        here.Settings = here.Settings with { MayLink = false };

        await here.PullAsync();
        var again = await here.PullAsync();

        var file = new FileInfo(Path.Combine(here.Snapshot, "model.safetensors"));
        Assert.Equal((null, 300_000), (file.LinkTarget, file.Length));
        Assert.Empty(Directory.GetFiles(Path.Combine(here.Model, "blobs")));
        Assert.Equal(0, again.Fetched);
    }

    [Fact]
    public async Task Content_that_another_process_fetches_is_waited_for()
    {
        string path = Path.Combine(here.Settings.CacheFolder, ".locks", "models--org--tiny", $"{Path.GetFileName(here.Blob("config.json"))}.lock");
        var held = await BlobLock.TakeAsync(path, () => { }, TestContext.Current.CancellationToken);

        var pull = here.PullAsync();
        while (!here.Log.ToString().Contains("another process is fetching it"))
            await Task.Delay(20, TestContext.Current.CancellationToken);
        held.Dispose();
        await pull;

        Assert.True(File.Exists(Path.Combine(here.Snapshot, "config.json")));
    }
}
