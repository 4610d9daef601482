namespace Cria.Cli.Hub;

/// <summary>What <c>cria rm</c> would take away: a whole model, or one commit of it with the contents that no other commit uses.</summary>
/// <param name="Paths">Files and folders that go.</param>
/// <param name="Size">Bytes that become free.</param>
/// <param name="Kept">Bytes of the commit that stay, since another one uses them.</param>
internal sealed record CacheRemoval(IReadOnlyList<string> Paths, long Size, long Kept)
{
    /// <summary>Finds out what would go.</summary>
    /// <exception cref="HubException">There is no such model or revision in the cache.</exception>
    public static CacheRemoval Of(string cacheFolder, HubName name)
    {
        var repository = new CachedRepository(cacheFolder, name);
        if (!Directory.Exists(repository.Folder))
            throw HubException.NothingToRemove(name, cacheFolder, ClosestWord.To(name.Repository, CachedModel.All(cacheFolder).Select(model => model.Name.Repository)));
        if (name.Revision is null)
            return new CacheRemoval([repository.Folder, repository.Locks], CacheSize.Of(repository.Folder), 0);

        var models = CachedModel.Of(repository, name with { Revision = null }).ToList();
        return models.Find(model => model.Commit == CommitOf(repository, name.Revision, models)) is { } going
            ? OfCommit(repository, going, models)
            : throw HubException.NoSuchRevision(name, [.. models.SelectMany(model => model.Revisions.DefaultIfEmpty(model.Commit))]);
    }

    /// <summary>Takes it away.</summary>
    public void Run()
    {
        foreach (string path in Paths)
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
    }

    private static CacheRemoval OfCommit(CachedRepository repository, CachedModel going, IReadOnlyList<CachedModel> models)
    {
        var used = models.Where(model => model != going).SelectMany(BlobsOf).ToHashSet(StringComparer.Ordinal);
        var blobs = BlobsOf(going).Distinct().ToLookup(used.Contains);
        var own = Snapshot.Files(going.Folder).Select(file => file.File).Where(file => !IsBlob(repository, file));
        return new CacheRemoval(
            [.. going.Revisions.Select(revision => Path.Combine(repository.References, revision)), going.Folder, repository.Absent(going.Commit), .. blobs[false]],
            own.Sum(file => file.Length) + blobs[false].Sum(LengthOf), blobs[true].Sum(LengthOf));

        IEnumerable<string> BlobsOf(CachedModel model) =>
            Snapshot.Files(model.Folder).Select(file => file.File).Where(file => IsBlob(repository, file)).Select(file => file.FullName);
    }

    // A link could lead anywhere; only what lies among this model's contents is ever removed.
    private static bool IsBlob(CachedRepository repository, FileInfo file) => file.DirectoryName == Path.GetFullPath(repository.Blobs);

    private static long LengthOf(string file) => new FileInfo(file).Length;

    // A commit may be cut short, as git allows.
    private static string CommitOf(CachedRepository repository, string revision, IReadOnlyList<CachedModel> models)
    {
        const int shortest = 7;
        string commit = repository.CommitOf(revision);
        string[] begun = [.. models.Select(model => model.Commit).Where(known => revision.Length >= shortest && known.StartsWith(revision, StringComparison.Ordinal))];
        return begun is [var only] ? only : commit;
    }
}
