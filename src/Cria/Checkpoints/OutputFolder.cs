namespace Cria.Checkpoints;

/// <summary>Makes folders that are written into, and says in our words why one cannot be made.</summary>
public static class OutputFolder
{
    /// <summary>Makes a folder and those above it, where they are not there yet.</summary>
    /// <exception cref="CheckpointException">The system refuses.</exception>
    public static void Make(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(path, because);
        }
    }
}
