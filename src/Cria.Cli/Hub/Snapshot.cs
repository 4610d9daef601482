using System.Text.Json;
using System.Text.RegularExpressions;
using Cria.Checkpoints;

namespace Cria.Cli.Hub;

/// <summary>The files of one commit as they lie in the cache, some of which may not have been fetched.</summary>
internal static partial class Snapshot
{
    private static readonly string[] WeightEndings = [".safetensors", ".bin", ".pth", ".pt"];

    /// <summary>Everything in it, the path from its folder with forward slashes. A link that leads nowhere is left out.</summary>
    public static IEnumerable<(string Path, FileInfo File)> Files(string folder) =>
        from entry in Entries(folder)
        let content = Content(entry)
        where content is not null
        select (Relative(folder, entry), content);

    /// <summary>What is known to be absent: links without content, the parts that an index names, numbered parts; or all weights.</summary>
    public static IReadOnlyList<string> Missing(string folder)
    {
        string[] names = [.. Files(folder).Select(file => file.Path)];
        string[] missing =
        [
            .. Entries(folder).Where(entry => Content(entry) is null).Select(entry => Relative(folder, entry)),
            .. names.Where(name => name.EndsWith(".index.json", StringComparison.Ordinal)).SelectMany(index => PartsOf(Path.Combine(folder, index))),
            .. names.SelectMany(NumberedParts),
        ];
        if (missing.Length == 0 && !names.Any(IsWeights))
            return ["the weights"];
        return [.. missing.Except(names).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The model to open: the folder, or the GGUF file where there is no other model in it or a type was named.</summary>
    /// <exception cref="UsageException">There are several GGUF files.</exception>
    public static string Model(string folder, HubName name)
    {
        var files = Files(folder).Select(file => new HubFile(file.Path, file.File.Length)).ToList();
        bool hasOther = files.Any(file => WeightEndings.Any(ending => file.Path.EndsWith(ending, StringComparison.Ordinal)));
        return name.Type is null && hasOther || new GgufChoice(files, name).Of(name.Type).FirstOrDefault() is not { } model
            ? folder
            : Path.Combine(folder, Path.Combine(model.Path.Split('/')));
    }

    private static IEnumerable<FileInfo> Entries(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories);

    private static string Relative(string folder, FileInfo entry) => Path.GetRelativePath(folder, entry.FullName).Replace('\\', '/');

    // A link exists even where what it leads to does not.
    private static FileInfo? Content(FileInfo entry)
    {
        if (entry.LinkTarget is null)
            return entry;
        try
        {
            return entry.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } content ? content : null;
        }
        catch (IOException)
        {
            return null;   // a link to itself
        }
    }

    private static bool IsWeights(string name) => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || WeightEndings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

    private static IEnumerable<string> PartsOf(string index)
    {
        try
        {
            return JsonFile.Read(index)["weight_map"]?.AsObject().Select(place => place.Value).Where(part => part?.GetValueKind() == JsonValueKind.String)
                .Select(part => part!.GetValue<string>()).Distinct() ?? [];
        }
        catch (Exception because) when (because is CheckpointException or InvalidOperationException)
        {
            return [];   // whoever opens the model says what is wrong with its index
        }
    }

    private static IEnumerable<string> NumberedParts(string name)
    {
        var match = NumberedPart().Match(name);
        return match.Success
            ? Enumerable.Range(1, int.Parse(match.Groups[2].ValueSpan)).Select(i => $"{match.Groups[1].Value}-{i:D5}-of-{match.Groups[2].Value}{match.Groups[3].Value}")
            : [];
    }

    [GeneratedRegex(@"^(.*)-\d{5}-of-(\d{5})(\.gguf)$")]
    private static partial Regex NumberedPart();
}
