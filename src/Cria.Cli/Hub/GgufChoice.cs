using System.Text.RegularExpressions;

namespace Cria.Cli.Hub;

/// <summary>One of the GGUF models that lie side by side in a folder, each in one file or in several numbered parts.</summary>
internal sealed partial class GgufChoice(IEnumerable<HubFile> files, HubName name)
{
    // What sees images, or was measured to make the others, is no model to run.
    private static readonly string[] Helpers = ["mmproj", "imatrix"];

    private readonly List<IGrouping<string, HubFile>> models =
    [
        .. files.Where(file => file.Path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !Helpers.Any(word => file.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase)))
            .GroupBy(file => Part().Replace(file.Path, "$1")).OrderBy(model => model.Sum(file => file.Size ?? 0)),
    ];

    /// <summary>The only model, or the one whose name holds the type; none where there are none.</summary>
    /// <exception cref="UsageException">There are several; the message lists them.</exception>
    public IEnumerable<HubFile> Of(string? type)
    {
        var fitting = type is null ? models : [.. models.Where(model => IsOfType(model.Key, type))];
        if (fitting is [var only])
            return only.OrderBy(file => file.Path, StringComparer.Ordinal);
        if (models.Count == 0 && type is null)
            return [];
        throw new UsageException(models.Count == 0
            ? $"--type: {name} has no GGUF file."
            : $"{name}: {(fitting.Count > 1 ? "has several GGUF models; choose one" : $"has no GGUF model of the type '{type}'")}:\n{List()}\n{Advice()}");
    }

    /// <summary>Whether the type stands in the name as a word of its own: <c>q4_k</c> is not in <c>Q4_K_M</c>.</summary>
    public static bool IsOfType(string path, string type) =>
        Regex.IsMatch(path[(path.LastIndexOf('/') + 1)..], $"(?<![A-Za-z0-9_]){Regex.Escape(type)}(?![A-Za-z0-9_])", RegexOptions.IgnoreCase);

    private string List()
    {
        int width = models.Max(model => model.Key.Length) + 2;
        return string.Join('\n', models.Select(model =>
            $"  {model.Key.PadRight(width)}{(model.All(file => file.Size is not null) ? Bytes.Text(model.Sum(file => file.Length)) : "size unknown")}{(model.Count() > 1 ? $", {model.Count()} parts" : "")}"));
    }

    private string Advice()
    {
        string some = models[models.Count / 2].Key;
        return $"For example: cria pull {name.Repository} --include \"{some[..^".gguf".Length]}*\", or --type with the type in the name.";
    }

    [GeneratedRegex(@"-\d{5}-of-\d{5}(\.gguf)$", RegexOptions.IgnoreCase)]
    private static partial Regex Part();
}
