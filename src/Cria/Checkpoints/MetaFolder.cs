using System.Globalization;
using System.Text.RegularExpressions;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>A folder as Meta lays it out: <c>params.json</c> and the weights in <c>consolidated.00.pth</c>, <c>consolidated.01.pth</c> and so on.</summary>
internal static partial class MetaFolder
{
    public const string ParametersFile = "params.json";

    /// <summary>Whether there are such files.</summary>
    public static bool Is(string folder) => Shards(folder).Count > 0;

    /// <summary>Whether the name is that of such a file.</summary>
    public static bool IsShard(string path) => ShardName().IsMatch(Path.GetFileName(path));

    public static TorchCheckpoint Open(string folder, Backend device)
    {
        var paths = Shards(folder);
        for (int i = 0; i < paths.Count; i++)
        {
            if (Number(paths[i]) != i)
                throw CheckpointException.ShardMissing(folder, $"consolidated.{i:00}.pth");
        }
        return TorchCheckpoint.Open(paths.Count == 1 ? paths[0] : folder, folder, paths, device);
    }

    private static List<string> Shards(string folder) => [.. Directory.EnumerateFiles(folder, "consolidated.*.pth").Where(IsShard).OrderBy(Number)];

    private static int Number(string path) => int.Parse(ShardName().Match(Path.GetFileName(path)).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^consolidated\.([0-9]{2})\.pth$")]
    private static partial Regex ShardName();
}
