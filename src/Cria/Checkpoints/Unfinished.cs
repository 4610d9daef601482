namespace Cria.Checkpoints;

/// <summary>Hidden names beside a place, for what is to stand there once it is whole, and the removal of what dead processes left under such names.</summary>
/// <remarks>
/// Whoever writes holds a file open that nobody else may open: the file itself, or one in the folder. The system lets go of it when a process
/// dies, however it dies, so what can be opened has no writer any more; that holds for processes of other machines and containers too, whose
/// ids would mean nothing here.
/// </remarks>
internal static class Unfinished
{
    private const string Ending = ".unfinished", Unheld = ".new";

    private static readonly EnumerationOptions Everything = new() { MatchType = MatchType.Simple, AttributesToSkip = FileAttributes.None };

    // Windows renames an open file only where its deletion is shared. Elsewhere a file that is shared at all would not be locked on network disks.
    private static FileShare Sharing => OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    /// <summary>A new name beside a place.</summary>
    /// <param name="path">The place, as a full path.</param>
    public static string NameFor(string path) =>
        Path.Combine(Path.GetDirectoryName(path) ?? path, $"{Prefix(path)}{Path.GetRandomFileName()}{Ending}");

    /// <summary>Makes the file that tells others that its writer lives.</summary>
    public static FileStream Hold(string file)
    {
        // It gets its name when it is held: between the two steps of making it others would take it for a dead process's.
        string unnamed = $"{file}{Unheld}";
        var held = new FileStream(unnamed, FileMode.CreateNew, FileAccess.Write, Sharing);
        try
        {
            File.Move(unnamed, file);
            return held;
        }
        catch
        {
            held.Dispose();
            File.Delete(unnamed);
            throw;
        }
    }

    /// <summary>The names beside a place that were made for it, by whomever. A folder that cannot be listed has none.</summary>
    public static IReadOnlyList<string> Beside(string path)
    {
        string prefix = Prefix(path);
        int length = prefix.Length + Path.GetRandomFileName().Length + Ending.Length;
        try
        {
            // A name may hold the signs that stand for any letters, so it is no part of the pattern.
            return [.. Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(path) ?? path, $".*{Ending}", Everything)
                .Where(entry => Path.GetFileName(entry) is var name && name.Length == length && name.StartsWith(prefix, StringComparison.Ordinal))];
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Opens the file that a writer holds, so that it is gone when it is closed; null while the writer lives, and where there is none.</summary>
    public static FileStream? Inherit(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Prefix(string path) => $".{Path.GetFileName(path)}.";
}
