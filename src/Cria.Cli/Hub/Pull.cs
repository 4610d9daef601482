using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cria.Cli.Hub;

/// <summary>What a pull did.</summary>
/// <param name="Commit">What the revision was.</param>
/// <param name="Folder">Where the files are.</param>
/// <param name="Files">All that were asked for, fetched now or before.</param>
/// <param name="Fetched">Bytes that came over the network.</param>
internal sealed record PullResult(string Commit, string Folder, IReadOnlyList<HubFile> Files, long Fetched);

/// <summary>Brings a model from the hub into the cache.</summary>
/// <remarks>
/// The revision becomes a commit once, at the beginning, and every file is taken at that commit: a model that changes meanwhile is never mixed. The
/// revision is noted last, when all that was asked for is there.
/// </remarks>
internal sealed class Pull(HubSettings settings, PullDisplay display, Func<TimeSpan, CancellationToken, Task>? wait = null)
{
    // Python asks for these even where a model has none; knowing that they are absent lets it work without the network.
    private static readonly string[] OftenAbsent =
        ["added_tokens.json", "adapter_config.json", "chat_template.jinja", "generation_config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.model"];

    private readonly Retries retries = new(wait ?? Task.Delay, display.Note);

    /// <summary>Fetches what is missing.</summary>
    /// <exception cref="HubException">The model cannot be had.</exception>
    public async Task<PullResult> RunAsync(HubName name, FileChoice choice, CancellationToken stop)
    {
        var repository = new CachedRepository(settings.CacheFolder, name);
        if (settings.OfflineBecause is { } variable)
            return FromCache(repository, name, variable);
        using var client = new HubClient(settings);
        var listing = await ListAsync(client, name, stop);
        var files = await DescribeAsync(client, name, listing.Commit, choice.Of(listing, name), stop);

        Directory.CreateDirectory(repository.Blobs);
        Directory.CreateDirectory(repository.Snapshot(listing.Commit));
        var missing = files.Where(file => !repository.Has(listing.Commit, file)).DistinctBy(file => file.Blob).ToList();
        CheckRoom(repository, name, missing);
        await display.ShowAsync(missing.Sum(file => file.Length), missing.Sum(file => Partial(repository, file)),
            () => FetchAsync(client, repository, name, listing.Commit, files, stop));

        foreach (string absent in OftenAbsent.Except(listing.Files.Select(file => file.Path)))
            repository.NoteAbsent(listing.Commit, absent);
        repository.Refer(name.RevisionOrMain, listing.Commit);
        return new PullResult(listing.Commit, repository.Snapshot(listing.Commit), files, display.Fetched);
    }

    private async Task FetchAsync(HubClient client, CachedRepository repository, HubName name, string commit, IReadOnlyList<HubFile> files, CancellationToken stop)
    {
        var download = new BlobDownload(client, settings, retries, display.Arrived);
        foreach (var file in files)
        {
            display.Begin(file);
            if (!repository.Has(commit, file))
                await FetchAsync(download, repository, name, commit, file, stop);
            repository.Place(commit, file, settings.MayLink);
        }
    }

    private async Task FetchAsync(BlobDownload download, CachedRepository repository, HubName name, string commit, HubFile file, CancellationToken stop)
    {
        using var held = await BlobLock.TakeAsync(repository.Lock(file), () => display.Note($"{file.Path}: another process is fetching it; waiting."), stop);
        if (repository.Has(commit, file))
            return;
        await download.RunAsync(name, commit, file, repository.Blob(file), stop);
        display.End(file);
    }

    private async Task<HubListing> ListAsync(HubClient client, HubName name, CancellationToken stop)
    {
        try
        {
            return await retries.RunAsync(name, "asking the hub", () => client.ListAsync(name, stop), () => 0, stop);
        }
        catch (HubException refused) when (refused.IsNotFound)
        {
            throw HubException.NotFound(name, settings, await ClosestAsync(client, name, stop));
        }
    }

    // The files whose length or hash the list left out are asked for one by one.
    private async Task<IReadOnlyList<HubFile>> DescribeAsync(HubClient client, HubName name, string commit, IReadOnlyList<HubFile> files, CancellationToken stop)
    {
        var described = new List<HubFile>();
        foreach (var file in files)
            described.Add(file is { Size: not null, Hash: not null }
                ? file
                : await retries.RunAsync(name, file.Path, () => client.DescribeAsync(name, commit, file, stop), () => 0, stop));
        return described;
    }

    /// <summary>The model of the same owner whose name is nearest; null where the hub does not say.</summary>
    private static async Task<string?> ClosestAsync(HubClient client, HubName name, CancellationToken stop)
    {
        try
        {
            byte[] json = await client.JsonAsync(name, $"/api/models?author={Uri.EscapeDataString(name.Repository.Split('/')[0])}&limit=200", stop);
            var names = JsonNode.Parse(json)!.AsArray().Select(model => model!["id"]!.GetValue<string>()).Where(id => HubName.TryParse(id) is not null);
            return ClosestWord.To(name.Repository, names);
        }
        catch (Exception because) when (because is HubException or TransientException or JsonException or InvalidOperationException or NullReferenceException)
        {
            return null;   // a hint only; the failure itself is told in any case
        }
    }

    private void CheckRoom(CachedRepository repository, HubName name, IReadOnlyList<HubFile> missing)
    {
        decimal needed = missing.Sum(file => (decimal)file.Length - Partial(repository, file));
        long free = new DriveInfo(repository.Folder).AvailableFreeSpace;
        if (needed > free)
            throw HubException.DiskFull(name, settings.CacheFolder, (long)Math.Min(needed, long.MaxValue), free);
    }

    private static long Partial(CachedRepository repository, HubFile file)
    {
        var partial = new FileInfo($"{repository.Blob(file)}.incomplete");
        return partial.Exists && partial.Length <= file.Length ? partial.Length : 0;
    }

    private static PullResult FromCache(CachedRepository repository, HubName name, string variable)
    {
        string commit = repository.CommitOf(name.RevisionOrMain), snapshot = repository.Snapshot(commit);
        if (!Directory.Exists(snapshot))
            throw HubException.Offline(name, variable, $"is not in the cache ({repository.Folder}).");
        if (Snapshot.Missing(snapshot) is { Count: > 0 } missing)
            throw HubException.Offline(name, variable, $"is not whole in the cache ({snapshot}): {string.Join(", ", missing.Take(5))} {(missing.Count == 1 ? "is" : "are")} missing.");
        return new PullResult(commit, snapshot, [.. Snapshot.Files(snapshot).Select(file => new HubFile(file.Path, file.File.Length))], 0);
    }
}
