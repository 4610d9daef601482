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
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotOpen(path, because);
        }
    }
}
