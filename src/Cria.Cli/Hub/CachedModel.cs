namespace Cria.Cli.Hub;

/// <summary>One commit of a model in the cache.</summary>
/// <param name="Name">The model, with the revision by which it can be named, or with its commit where none refers to it.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Revisions">All names that refer to it.</param>
/// <param name="Folder">Its files.</param>
/// <param name="Files">How many there are.</param>
/// <param name="Size">Bytes of its files, those included that other commits share.</param>
/// <param name="LastUsed">When one of its files was last read, as far as the file system keeps that.</param>
/// <param name="IsWhole">Whether nothing is known to be missing.</param>
internal sealed record CachedModel(HubName Name, string Commit, IReadOnlyList<string> Revisions, string Folder, int Files, long Size, DateTime LastUsed, bool IsWhole)
{
    /// <summary>Every commit of every model, by name; the newest used first among those of one model.</summary>
    public static IReadOnlyList<CachedModel> All(string cacheFolder)
    {
        if (!Directory.Exists(cacheFolder))
            return [];
        return
        [
            .. from folder in Directory.EnumerateDirectories(cacheFolder).Order(StringComparer.OrdinalIgnoreCase)
               let name = HubName.OfFolder(Path.GetFileName(folder))
               where name is not null
               from model in Of(new CachedRepository(cacheFolder, name), name).OrderByDescending(model => model.LastUsed)
               select model,
        ];
    }

    /// <summary>Every commit of one model.</summary>
    public static IEnumerable<CachedModel> Of(CachedRepository repository, HubName name)
    {
        if (!Directory.Exists(repository.Snapshots))
            return [];
        var revisions = repository.Revisions();
        return Directory.EnumerateDirectories(repository.Snapshots).Select(folder => Read(folder, name, [.. revisions[Path.GetFileName(folder)].Order(StringComparer.Ordinal)]));
    }

    private static CachedModel Read(string folder, HubName name, string[] revisions)
    {
        string commit = Path.GetFileName(folder);
        var files = Snapshot.Files(folder).Select(file => file.File).ToList();
        string? revision = revisions.Contains(HubName.MainRevision) ? null : revisions.FirstOrDefault() ?? commit;
        return new CachedModel(name with { Revision = revision }, commit, revisions, folder, files.Count, files.Sum(file => file.Length),
            files.Select(file => file.LastAccessTimeUtc).DefaultIfEmpty(Directory.GetLastWriteTimeUtc(folder)).Max(), Snapshot.Missing(folder).Count == 0);
    }
}
