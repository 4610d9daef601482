namespace Cria.Cli.Hub;

/// <summary>The folder of one model in the cache: contents by their hash, and for each commit a folder of links to them.</summary>
/// <remarks>
/// <c>blobs/HASH</c>, <c>snapshots/COMMIT/PATH</c> → <c>../../blobs/HASH</c>, <c>refs/REVISION</c> with a commit in it, <c>.no_exist/COMMIT/PATH</c> for
/// what is known to be absent: <see href="https://huggingface.co/docs/hub/local-cache"/>.
/// </remarks>
internal sealed class CachedRepository(string cacheFolder, HubName name)
{
    public string Folder { get; } = Path.Combine(cacheFolder, name.FolderName);

    public string Blobs => Path.Combine(Folder, "blobs");

    public string Snapshots => Path.Combine(Folder, "snapshots");

    public string References => Path.Combine(Folder, "refs");

    /// <summary>The folder with the locks of this model's contents, which stands beside the models.</summary>
    public string Locks => Path.Combine(cacheFolder, ".locks", name.FolderName);

    public string Blob(HubFile file) => Path.Combine(Blobs, file.Blob);

    public string Lock(HubFile file) => Path.Combine(Locks, $"{file.Blob}.lock");

    public string Snapshot(string commit) => Path.Combine(Snapshots, commit);

    public string Absent(string commit) => Path.Combine(Folder, ".no_exist", commit);

    /// <summary>The file's place in the folder of a commit.</summary>
    public string Place(string commit, HubFile file) => Path.Combine(Snapshot(commit), Path.Combine(file.Path.Split('/')));

    /// <summary>The commit that a revision was when it was last fetched, or the revision itself, which may be a commit.</summary>
    public string CommitOf(string revision)
    {
        string reference = Reference(revision);
        return File.Exists(reference) && HubFile.HashIn(File.ReadAllText(reference).Trim()) is { } commit ? commit : revision;
    }

    /// <summary>Remembers which commit a revision is. Done last: from then on the model is found under this name.</summary>
    public void Refer(string revision, string commit)
    {
        string reference = Reference(revision);
        if (revision == commit || (File.Exists(reference) && File.ReadAllText(reference) == commit))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
        string aside = Path.Combine(Folder, $".ref.{Environment.ProcessId}");
        File.WriteAllText(aside, commit);
        File.Move(aside, reference, overwrite: true);
    }

    /// <summary>The names that refer to each commit.</summary>
    public ILookup<string, string> Revisions() => Directory.Exists(References)
        ? Directory.EnumerateFiles(References, "*", SearchOption.AllDirectories)
            .ToLookup(file => File.ReadAllText(file).Trim(), file => Path.GetRelativePath(References, file).Replace('\\', '/'))
        : Array.Empty<string>().ToLookup(_ => "");

    /// <summary>Whether the file's content is here already.</summary>
    public bool Has(string commit, HubFile file) => IsOfLength(Blob(file), file.Length) || HasOwnCopy(commit, file);

    /// <summary>Notes that a commit has no file of that name, which spares Python a question to the hub.</summary>
    public void NoteAbsent(string commit, string path)
    {
        string note = Path.Combine(Absent(commit), path);
        if (File.Exists(note))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(note)!);
        File.Create(note).Dispose();
    }

    /// <summary>Puts a content that is here into the folder of a commit: as a link, or as a file of its own where links cannot be.</summary>
    public void Place(string commit, HubFile file, bool mayLink)
    {
        if (HasOwnCopy(commit, file))
            return;
        string place = Place(commit, file), blob = Blob(file), folder = Path.GetDirectoryName(place)!;
        Directory.CreateDirectory(folder);
        File.Delete(place);              // a link to another content, or to none
        if (!mayLink || !TryLink(place, Path.GetRelativePath(folder, blob)))
            CopyOrMove(blob, place);
    }

    private bool HasOwnCopy(string commit, HubFile file)
    {
        var place = new FileInfo(Place(commit, file));
        return place.LinkTarget is null && place.Exists && place.Length == file.Length;
    }

    // Moved where it can be, as huggingface_hub does, so that a model is not kept twice; copied where another commit may need it.
    private void CopyOrMove(string blob, string place)
    {
        if (Directory.EnumerateDirectories(Snapshots).Skip(1).Any())
            File.Copy(blob, place);
        else
            File.Move(blob, place);
    }

    private static bool TryLink(string place, string target)
    {
        try
        {
            File.CreateSymbolicLink(place, target);
            return true;
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            return false;   // Windows without developer mode, or a file system that has no links
        }
    }

    private static bool IsOfLength(string path, long length)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length == length;
    }

    private string Reference(string revision) => Path.Combine(References, Path.Combine(revision.Split('/')));
}
