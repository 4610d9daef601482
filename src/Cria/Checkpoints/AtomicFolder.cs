namespace Cria.Checkpoints;

/// <summary>Folders that appear complete or not at all: filled under a hidden name beside their place, flushed to the disk, then renamed.</summary>
public static class AtomicFolder
{
    // In the hidden folder: what is written, what stood in its place before, and what tells that the process lives.
    private const string New = "new", Old = "old", Held = "held";

    /// <summary>Makes the folder; one that is there already is replaced.</summary>
    /// <remarks>
    /// Whatever interrupts <paramref name="fill"/>, an old folder stays as it is. A process killed between the two renames of a replacement
    /// leaves both, complete, in a hidden folder beside. What killed processes left for the same folder is removed first, unless it is this.
    /// </remarks>
    /// <param name="path">The folder; folders above it are made as well.</param>
    /// <param name="fill">Writes the files into the folder that it is given.</param>
    /// <exception cref="CheckpointException">The disk is full or protected.</exception>
    public static void Write(string path, Action<string> fill)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fill);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        foreach (string left in Unfinished.Beside(full).Where(left => !HoldsTheOnlyWhole(left, full)))
            if (EmptyIfDead(left))
                Remove(left);
        string hidden = Unfinished.NameFor(full), aside = Path.Combine(hidden, New);
        try
        {
            Directory.CreateDirectory(aside);
            using var held = Unfinished.Hold(Path.Combine(hidden, Held));
            fill(aside);
            FlushToDisk(aside);
            Replace(full, aside, Path.Combine(hidden, Old));
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(path, because);
        }
        catch (CheckpointException failure) when (failure.Unwritten is { } file && file.StartsWith(aside, StringComparison.Ordinal))
        {
            // Named by its place: nobody knows the hidden name.
            throw CheckpointException.CannotWrite(Path.TrimEndingDirectorySeparator(path) + file[aside.Length..], failure.InnerException!);
        }
        finally
        {
            if (!HoldsTheOnlyWhole(hidden, full))
            {
                EmptyIfDead(hidden);
                Remove(hidden);
            }
        }
    }

    // The old one was moved away, and the new one is not in its place.
    private static bool HoldsTheOnlyWhole(string hidden, string path) => !Directory.Exists(path) && Directory.Exists(Path.Combine(hidden, Old));

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

    private static void FlushToDisk(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file);
        }
    }

    // What tells that the writer is dead goes last: whoever is killed in here leaves something that the next one removes.
    private static bool EmptyIfDead(string hidden)
    {
        using var held = Unfinished.Inherit(Path.Combine(hidden, Held));
        if (held is null)
            return false;
        Remove(Path.Combine(hidden, New));
        Remove(Path.Combine(hidden, Old));
        return true;
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
