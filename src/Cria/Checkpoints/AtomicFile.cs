namespace Cria.Checkpoints;

/// <summary>Files that appear whole or not at all: written under another name beside their place, flushed to the disk, then renamed.</summary>
public static class AtomicFile
{
    // Not as Windows matches names: there .gitignore would be such a file too.
    private static readonly EnumerationOptions Letters = new() { MatchType = MatchType.Simple, AttributesToSkip = FileAttributes.None };

    /// <summary>Replaces the file. Whatever interrupts it, a full disk or a killed process, the old content stays.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="write">Writes the whole content.</param>
    /// <exception cref="CheckpointException">The disk is full, the folder is missing or protected.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string aside = Path.Combine(folder, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");
        try
        {
            WriteAside(aside, write);
            File.Move(aside, path, overwrite: true);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(path, because);
        }
        finally
        {
            Remove(aside);
        }
    }

    /// <summary>Removes what killed processes left beside the files of a folder. Nobody may be writing in it.</summary>
    internal static void RemoveLeft(string folder)
    {
        foreach (string left in Directory.EnumerateFiles(folder, ".*.????????.???", Letters))        // as Write names them
            Remove(left);
    }

    private static void WriteAside(string path, Action<Stream> write)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);              // silent when the file was renamed or never made
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            // A file left beside does no harm; the reason why writing failed must not be hidden by this one.
        }
    }
}
