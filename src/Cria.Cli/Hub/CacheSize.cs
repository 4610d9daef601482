namespace Cria.Cli.Hub;

/// <summary>What the cache takes on the disk.</summary>
internal static class CacheSize
{
    /// <summary>Bytes of all files under a folder. A link counts for nothing: what it leads to is counted where it lies.</summary>
    public static long Of(string folder) => Directory.Exists(folder)
        ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.LinkTarget is null).Sum(file => file.Length)
        : 0;
}
