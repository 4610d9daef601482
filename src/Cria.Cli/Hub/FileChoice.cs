namespace Cria.Cli.Hub;

/// <summary>Which files of a model are fetched.</summary>
/// <param name="Include">Only what matches one of these patterns; empty takes what a LLaMA needs.</param>
/// <param name="Exclude">Nothing that matches one of these.</param>
/// <param name="Type">The GGUF file of this type; null where it was not said.</param>
internal sealed record FileChoice(IReadOnlyList<string> Include, IReadOnlyList<string> Exclude, string? Type)
{
    // Beside the weights: what says how the model is built, how text becomes tokens, how a conversation is written, and the terms of use.
    private static readonly string[] Companions =
    [
        "config.json", "generation_config.json", "params.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "chat_template.jinja", "chat_template.json",
        "additional_chat_templates/*.jinja", "preprocessor_config.json", "processor_config.json", "adapter_config.json",
        "LICENSE*", "USE_POLICY*",
    ];

    // The same weights in several forms: the first that is there is enough.
    private static readonly string[][] Weights =
    [
        ["model.safetensors", "model-*-of-*.safetensors", "model.safetensors.index.json"],
        ["adapter_model.safetensors"],
        ["*.safetensors", "*.safetensors.index.json"],
        ["pytorch_model.bin", "pytorch_model-*-of-*.bin", "pytorch_model.bin.index.json"],
        ["adapter_model.bin"],
        ["consolidated*.pth", "consolidated*.pt"],
        ["original/consolidated*.pth", "original/params.json", "original/tokenizer.model"],
        ["*.bin", "*.pth", "*.pt"],
    ];

    /// <summary>The files to fetch.</summary>
    /// <exception cref="UsageException">Nothing is left, or there are several models and none was named.</exception>
    public IReadOnlyList<HubFile> Of(HubListing listing, HubName name)
    {
        var kept = listing.Files.Where(file => !Exclude.Any(pattern => Glob.IsMatch(pattern, file.Path))).ToList();
        var chosen = Include.Count > 0 ? Matching(kept, Include) : [.. Default(kept, name)];
        if (chosen.Count == 0)
            throw new UsageException($"{name}: none of its {listing.Files.Count} files is to be fetched. It has {Some(listing.Files)}; name what you want with --include.");
        foreach (var file in chosen)
            if (HubPaths.Unusable(file.Path) is { } why)
                throw HubException.HostileName(name, file.Path, why);
        return chosen;
    }

    private List<HubFile> Default(List<HubFile> files, HubName name)
    {
        var companions = Matching(files, Companions, within: "");
        if (Type is null)
        {
            var weights = Weights.Select(form => Matching(files, form, Folder(form[0]))).FirstOrDefault(found => found.Count > 0);
            if (weights is not null)
                return [.. companions, .. weights, .. OriginalTokenizer(files).Except(weights)];
        }
        return [.. companions, .. new GgufChoice(files, name).Of(Type)];
    }

    // Some models keep the only vocabulary that their authors wrote in the folder of the original weights.
    private static IEnumerable<HubFile> OriginalTokenizer(List<HubFile> files) =>
        files.Any(file => file.Path is "tokenizer.model" or "tokenizer.json") ? [] : files.Where(file => file.Path == "original/tokenizer.model");

    private static List<HubFile> Matching(IEnumerable<HubFile> files, IReadOnlyList<string> patterns) =>
        [.. files.Where(file => patterns.Any(pattern => Glob.IsMatch(pattern, file.Path)))];

    /// <summary>Of one folder alone: a pattern's star would go deeper.</summary>
    private static List<HubFile> Matching(IEnumerable<HubFile> files, IReadOnlyList<string> patterns, string within) =>
        Matching(files.Where(file => Folder(file.Path) == within || Folder(file.Path) == "additional_chat_templates"), patterns);

    private static string Folder(string path) => path.Contains('/') ? path[..path.LastIndexOf('/')] : "";

    private static string Some(IReadOnlyList<HubFile> files)
    {
        const int most = 8;
        return string.Join(", ", files.Take(most).Select(file => ForeignText.Quote(file.Path))) + (files.Count > most ? ", …" : "");
    }
}
