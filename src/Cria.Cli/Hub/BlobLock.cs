namespace Cria.Cli.Hub;

/// <summary>Keeps two processes from fetching the same content at once, Python's among them: the file is locked as its filelock package does.</summary>
internal static class BlobLock
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for the lock and holds it until disposal. The file stays, as huggingface_hub leaves it.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="waiting">Called once if somebody else holds it.</param>
    /// <param name="stop">Ends the waiting.</param>
    public static async Task<IDisposable> TakeAsync(string path, Action waiting, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (bool told = false; ; told = true)
        {
            try
            {
                // On Unix this is flock(LOCK_EX), on Windows nobody else may open the file: both are what filelock tries.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (!told)
                    waiting();
            }
            await Task.Delay(Between, stop);
        }
    }
}
