using Cria.Cli;
using Cria.Cli.Hub;

namespace Cria.Tests.Hub;

/// <summary>What lies in the cache: listing it, and taking from it only what nothing else uses.</summary>
public sealed class CacheTests : IDisposable
{
    private readonly HubFixture here = new();

    public void Dispose() => here.Dispose();

    [Fact]
    public async Task Every_commit_is_listed_with_its_names()
    {
        await PullTwoCommitsAsync();

        var models = CachedModel.All(here.Settings.CacheFolder);

        Assert.Equal(["main", ""], models.OrderBy(model => model.Commit == here.Hub.Commit ? 0 : 1).Select(model => string.Join(',', model.Revisions)));
        Assert.All(models, model => Assert.Equal(("org/tiny", 3, true), (model.Name.Repository, model.Files, model.IsWhole)));
        Assert.Equal([300_005L, 300_006L], models.Select(model => model.Size).Order());
        Assert.True(CacheSize.Of(here.Settings.CacheFolder) is > 300_000 and < 310_000);
    }

    [Fact]
    public async Task A_commit_goes_alone_and_leaves_what_others_use()
    {
        await PullTwoCommitsAsync();
        string gone = here.Snapshot;

        var removal = CacheRemoval.Of(here.Settings.CacheFolder, HubName.TryParse("org/tiny@main")!);
        removal.Run();

        Assert.Equal((3, 300_003), (removal.Size, removal.Kept));
        Assert.False(Directory.Exists(gone));
        Assert.False(File.Exists(Path.Combine(here.Model, "refs", "main")));
        var left = Assert.Single(CachedModel.All(here.Settings.CacheFolder));
        Assert.True(left.IsWhole);
        Assert.Equal(3, Directory.GetFiles(Path.Combine(here.Model, "blobs")).Length);
    }

    [Fact]
    public async Task A_model_goes_whole_with_its_locks()
    {
        await PullTwoCommitsAsync();
        Directory.CreateDirectory(Path.Combine(here.Settings.CacheFolder, "models--org--other"));

        CacheRemoval.Of(here.Settings.CacheFolder, new HubName("org/tiny")).Run();

        Assert.Equal(["models--org--other"], Directory.GetDirectories(here.Settings.CacheFolder, "models--*").Select(Path.GetFileName));
        Assert.Empty(Directory.GetDirectories(Path.Combine(here.Settings.CacheFolder, ".locks")));
    }

    [Fact]
    public async Task A_commit_may_be_cut_short()
    {
        await PullTwoCommitsAsync();

        Assert.Equal(2, CacheRemoval.Of(here.Settings.CacheFolder, new HubName("org/tiny", Revision: "aaaaaaa")).Size);
        Assert.Contains("the cache has no revision 'ccccccc' of it",
            Assert.Throws<HubException>(() => CacheRemoval.Of(here.Settings.CacheFolder, new HubName("org/tiny", Revision: "ccccccc"))).Message);
        Assert.Contains("closest  org/tiny",
            Assert.Throws<HubException>(() => CacheRemoval.Of(here.Settings.CacheFolder, new HubName("org/tyni"))).Message);
    }

    [Fact]
    public async Task A_link_out_of_the_cache_is_removed_and_what_it_leads_to_is_not()
    {
        await here.PullAsync();
        string outside = Path.Combine(here.Folder, "outside.txt");
        File.WriteAllText(outside, "mine");
        File.CreateSymbolicLink(Path.Combine(here.Snapshot, "link.txt"), outside);

        CacheRemoval.Of(here.Settings.CacheFolder, HubName.TryParse("org/tiny@main")!).Run();

        Assert.True(File.Exists(outside));
        Assert.False(Directory.Exists(here.Snapshot));
    }

    [Fact]
    public async Task A_link_to_nothing_makes_a_model_that_is_not_whole()
    {
        await here.PullAsync();
        File.Delete(here.Blob("model.safetensors"));
        File.CreateSymbolicLink(Path.Combine(here.Snapshot, "loop"), "loop");

        Assert.Equal(["loop", "model.safetensors"], Snapshot.Missing(here.Snapshot));
        Assert.False(Assert.Single(CachedModel.All(here.Settings.CacheFolder)).IsWhole);
    }

    [Fact]
    public void Parts_that_an_index_or_a_number_promises_are_missed()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("model.safetensors.index.json"), """{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""");
        File.WriteAllText(folder.File("one.safetensors"), "");
        File.WriteAllText(folder.File("x-00002-of-00003.gguf"), "");

        Assert.Equal(["two.safetensors", "x-00001-of-00003.gguf", "x-00003-of-00003.gguf"], Snapshot.Missing(folder.Path));
    }

    private async Task PullTwoCommitsAsync()
    {
        await here.PullAsync();
        here.Hub.Commit = new string('b', 40);
        here.Hub.Files["config.json"] = "{ }"u8.ToArray();
        await here.PullAsync();
    }
}
