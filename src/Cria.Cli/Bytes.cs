namespace Cria.Cli;

/// <summary>Sizes as people read them.</summary>
internal static class Bytes
{
    /// <summary>For example <c>12.3 GB</c>: powers of ten, as disks and models are sold.</summary>
    public static string Text(long bytes) => bytes switch
    {
        >= 9_950_000_000 => $"{bytes / 1e9:F0} GB",
        >= 1_000_000_000 => $"{bytes / 1e9:F1} GB",
        >= 9_950_000 => $"{bytes / 1e6:F0} MB",
        >= 1_000_000 => $"{bytes / 1e6:F1} MB",
        >= 1_000 => $"{bytes / 1e3:F0} kB",
        _ => $"{bytes} B",
    };
}
