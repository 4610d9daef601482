namespace Cria.Checkpoints;

/// <summary>Folders that appear complete or not at all: filled under a hidden name beside their place, flushed to the disk, then renamed.</summary>
public static class AtomicFolder
{
    /// <summary>Makes the folder; one that is there already is replaced.</summary>
    /// <remarks>
    /// Whatever interrupts <paramref name="fill"/>, an old folder stays as it is. A process killed between the two renames of a replacement
    /// leaves both, complete, under hidden names.
    /// </remarks>
    /// <param name="path">The folder; folders above it are made as well.</param>
    /// <param name="fill">Writes the files into the folder that it is given.</param>
    /// <exception cref="CheckpointException">The disk is full or protected.</exception>
    public static void Write(string path, Action<string> fill)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fill);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string aside = HiddenName(full), old = HiddenName(full);
        try
        {
            Directory.CreateDirectory(aside);
            fill(aside);
            FlushToDisk(aside);
            Replace(full, aside, old);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(path, because);
        }
        catch (CheckpointException because) when (because.Message.Contains(aside, StringComparison.Ordinal))
        {
            throw CheckpointException.Renamed(because, aside, Path.TrimEndingDirectorySeparator(path));     // nobody knows the hidden name
        }
        finally
        {
            Remove(aside);
        }
        Remove(old);
    }

    private static void Replace(string path, string by, string old)
    {
        bool replaces = Directory.Exists(path);
        if (replaces)
            Directory.Move(path, old);
        try
        {
            Directory.Move(by, path);
        }
        catch (IOException) when (replaces)
        {
            Directory.Move(old, path);
            throw;
        }
    }

    private static string HiddenName(string path) =>
        Path.Combine(Path.GetDirectoryName(path) ?? path, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");

    private static void FlushToDisk(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file);
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            // Left beside it does no harm; the reason why writing failed must not be hidden by this one.
        }
    }
}
