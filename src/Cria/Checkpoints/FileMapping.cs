using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>Opens files, and says in our words why one cannot be opened.</summary>
internal static class FileMapping
{
    public static MappedFile Open(string path)
    {
        try
        {
            return new MappedFile(path);
        }
        catch (NotSupportedException)       // it has no length
        {
            throw CheckpointException.NotMappable(path);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotOpen(path, because);
        }
    }

    /// <summary>Throws at a pipe. Whoever opens one again and again waits for a writer each time, and none may come.</summary>
    public static void CheckMappable(string path) => FirstBytes(path, 0);

    /// <summary>The first bytes: fewer than <paramref name="count"/> where the file is shorter.</summary>
    public static byte[] FirstBytes(string path, int count)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!stream.CanSeek)
                throw CheckpointException.NotMappable(path);
            var bytes = new byte[count];
            return bytes[..stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false)];
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotOpen(path, because);
        }
    }
}
