using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Cli.Hub;

/// <summary>What a model in the cache is, found out without reading its weights.</summary>
/// <param name="Format"><c>safetensors</c>, <c>gguf</c>, <c>pytorch</c>, <c>adapter</c>, or <c>files</c>.</param>
/// <param name="Architecture">As its configuration calls it; null where it says nothing.</param>
/// <param name="Type">How most of its numbers are stored; null where that cannot be read.</param>
internal sealed record CachedKind(string Format, string? Architecture, string? Type)
{
    public override string ToString() => string.Join(' ', new[] { Format, Architecture, Type }.Where(part => part is not null));

    /// <summary>Looks at the files. What is damaged is left out: whoever opens the model is told.</summary>
    public static CachedKind Of(CachedModel model)
    {
        string[] names = [.. Snapshot.Files(model.Folder).Select(file => file.Path)];
        if (names.Contains("adapter_config.json"))
            return new CachedKind("adapter", Setting(model.Folder, "adapter_config.json", "peft_type"), null);
        if (names.Any(name => name.EndsWith(".safetensors", StringComparison.Ordinal)))
            return new CachedKind("safetensors", Setting(model.Folder, "config.json", "model_type"), MainType(model.Folder));
        string[] ggufs = [.. names.Where(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))];
        if (ggufs.Length > 0)
            return OfGguf(model.Folder, ggufs);
        return names.Any(name => name.EndsWith(".bin", StringComparison.Ordinal) || name.EndsWith(".pth", StringComparison.Ordinal) || name.EndsWith(".pt", StringComparison.Ordinal))
            ? new CachedKind("pytorch", Setting(model.Folder, "config.json", "model_type"), Setting(model.Folder, "config.json", "torch_dtype"))
            : new CachedKind("files", Setting(model.Folder, "config.json", "model_type"), null);
    }

    private static CachedKind OfGguf(string folder, string[] names)
    {
        string? architecture = null;
        var types = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            Try(() =>
            {
                using var file = GgufFile.Open(Path.Combine(folder, name));
                architecture ??= file.Metadata.GetText("general.architecture");
                if (file.Tensors.GroupBy(tensor => tensor.TypeName).MaxBy(group => group.Sum(tensor => tensor.Shape.Length)) is { } most)
                    types.Add(most.Key);
                return "";
            });
        }
        return new CachedKind("gguf", architecture, types.Count == 0 ? null : string.Join('+', types));
    }

    private static string? MainType(string folder) => Try(() =>
    {
        using var device = new CpuBackend(threads: 1);
        using var checkpoint = Checkpoint.Open(folder, device);
        return checkpoint.Tensors.Values.GroupBy(tensor => tensor.TypeName).MaxBy(group => group.Sum(tensor => tensor.Shape.Length))?.Key;
    });

    private static string? Setting(string folder, string file, string key) => Try(() =>
        File.Exists(Path.Combine(folder, file)) && JsonFile.Read(Path.Combine(folder, file))[key] is JsonValue value ? ForeignText.Clean(value.ToString()) : null);

    private static string? Try(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (Exception because) when (because is CheckpointException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
