namespace Cria.Checkpoints;

/// <summary>Why the system refused a file, in our words: its own name the file a second time, or one beside it that is gone by then.</summary>
public static class DiskFault
{
    // What a full disk is called by Linux and macOS (ENOSPC), and by Windows (ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL).
    private static readonly int[] Full = [28, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    /// <summary>The reason, as the end of a sentence, without its full stop.</summary>
    public static string Reason(Exception because)
    {
        ArgumentNullException.ThrowIfNull(because);
        return because switch
        {
            UnauthorizedAccessException => "access is denied",
            DirectoryNotFoundException => "there is no such folder",
            FileNotFoundException => "there is no such file",
            IOException when Full.Contains(because.HResult) => "the disk is full",
            _ => WithoutPath(because.Message),
        };
    }

    // .NET ends what the system says with " : 'path'".
    private static string WithoutPath(string message)
    {
        int tail = message.LastIndexOf(" : '", StringComparison.Ordinal);
        return (tail > 0 ? message[..tail] : message).TrimEnd('.');
    }
}
