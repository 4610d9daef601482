using System.Buffers;

namespace Cria.Cli.Hub;

/// <summary>Which names of files a hub may send. They become paths on this machine, so none may lead anywhere else.</summary>
internal static class HubPaths
{
    private const int LongestPart = 255;
    private const int LongestPath = 1_000;

    private static readonly SearchValues<char> Ambiguous = SearchValues.Create("\\:*?\"<>|");

    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    };

    /// <summary>Why git itself could not hold a file of that name, or null. A hub that sends one lies.</summary>
    public static string? Impossible(string path)
    {
        if (path.Length is 0 or > LongestPath)
            return "is empty or longer than any path";
        if (path.Any(char.IsControl))
            return "holds a control character";
        return path.Split('/').Any(part => part is "" or "." or "..") ? "leads out of the model's folder" : null;
    }

    /// <summary>Why a file of that name cannot be kept on every system, or null.</summary>
    public static string? Unusable(string path)
    {
        if (path.AsSpan().ContainsAny(Ambiguous))
            return "holds a character that means something else on some systems";
        foreach (string part in path.Split('/'))
        {
            if (part.Length > LongestPart || part[^1] is '.' or ' ')
                return "is too long, or ends with a dot or a space";
            if (Devices.Contains(part.Split('.')[0]))
                return "is the name of a device on Windows";
        }
        return null;
    }

    /// <summary>The first path that is also the folder of another, or null.</summary>
    public static string? FileAndFolder(IReadOnlyCollection<string> paths)
    {
        var files = paths.ToHashSet(StringComparer.Ordinal);
        return paths.SelectMany(FoldersOf).FirstOrDefault(files.Contains);
    }

    private static IEnumerable<string> FoldersOf(string path)
    {
        for (int slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }
}
