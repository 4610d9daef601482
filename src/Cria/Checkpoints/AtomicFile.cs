using System.Text;

namespace Cria.Checkpoints;

/// <summary>Files that appear whole or not at all: written under another name beside their place, flushed to the disk, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Replaces the file. Whatever interrupts it, a full disk or a killed process, the old content stays.</summary>
    /// <remarks>What processes that were killed in here left for the same file is removed first.</remarks>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="write">Writes the whole content.</param>
    /// <exception cref="CheckpointException">The disk is full, the folder is missing or protected.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path), aside = Unfinished.NameFor(full);
        foreach (string left in Unfinished.Beside(full))
            Unfinished.Inherit(left)?.Dispose();
        try
        {
            using var stream = Unfinished.Hold(aside);
            write(stream);
            stream.Flush(flushToDisk: true);
            File.Move(aside, full, overwrite: true);        // while it is held: nobody may take it for a dead process's
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

    /// <summary>Replaces a file of text, in UTF-8.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteText(string path, string text) => Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)));

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
