using Cria.Cli;
using Cria.Cli.Hub;

namespace Cria.Tests.Hub;

/// <summary>A hub, an empty cache, and pulls from one into the other that never really wait.</summary>
internal sealed class HubFixture : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public HubFixture()
    {
        Hub.Files["config.json"] = "{}"u8.ToArray();
        Hub.Files["tokenizer.model"] = [1, 2, 3];
        Hub.Files["model.safetensors"] = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];
        Settings = new HubSettings { Endpoint = Hub.Address, CacheFolder = folder.File("hub"), TokenFile = folder.File("token") };
    }

    public TestHub Hub { get; } = new();

    public HubSettings Settings { get; set; }

    public StringWriter Log { get; } = new() { NewLine = "\n" };

    /// <summary>The pauses that would have been.</summary>
    public List<TimeSpan> Pauses { get; } = [];

    public string Folder => folder.Path;

    public string Model => Path.Combine(Settings.CacheFolder, "models--org--tiny");

    public string Snapshot => Path.Combine(Model, "snapshots", Hub.Commit);

    public string Blob(string file) => Path.Combine(Model, "blobs", TestHub.HashOf(file, Hub.Files[file]));

    public Task<PullResult> PullAsync(string name = TestHub.Model, string[]? include = null, string[]? exclude = null, string? type = null) =>
        PullUntilAsync(TestContext.Current.CancellationToken, name, new FileChoice(include ?? [], exclude ?? [], type));

    public Task<PullResult> PullUntilAsync(CancellationToken stop, string name = TestHub.Model, FileChoice? choice = null)
    {
        var display = new PullDisplay(new Terminal(TextReader.Null, TextWriter.Null, Log), shown: true);
        return new Pull(Settings, display, Wait).RunAsync(HubName.TryParse(name)!, choice ?? new FileChoice([], [], null), stop);
    }

    public Task<HubException> RefusedAsync(string name = TestHub.Model) => Assert.ThrowsAsync<HubException>(() => PullAsync(name));

    public void Dispose()
    {
        Hub.Dispose();
        folder.Dispose();
    }

    private Task Wait(TimeSpan pause, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Pauses.Add(pause);
        return Task.CompletedTask;
    }
}
