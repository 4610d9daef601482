using System.Text.RegularExpressions;

namespace Cria.Cli;

/// <summary>The folder in which Hugging Face's own tools keep what they download: a model of it can be named as <c>org/name[@revision]</c>.</summary>
/// <remarks>
/// <c>models--org--name/refs/REVISION</c> holds the commit, <c>snapshots/COMMIT</c> its files: huggingface_hub, "Understand caching".
/// </remarks>
internal static partial class ModelCache
{
    /// <summary>The cache's folder, by the environment variables that huggingface_hub reads.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("HF_HUB_CACHE")
        ?? Path.Combine(
            Environment.GetEnvironmentVariable("HF_HOME")
                ?? Path.Combine(
                    Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
                        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
                    "huggingface"),
            "hub");

    /// <summary>Opens a model by path or by name.</summary>
    public static Llama Open(string model, LlamaOptions options) => Llama.Load(Resolve(model), options with { Name = model });

    /// <summary>The folder of a model in the cache; anything that is a path, or is not in the cache, comes back as it is.</summary>
    public static string Resolve(string model)
    {
        if (Path.Exists(model) || !Name().IsMatch(model))
            return model;
        string[] parts = model.Split('@');
        string revision = parts.Length > 1 ? parts[1] : "main";
        string folder = Path.Combine(Folder, $"models--{parts[0].Replace("/", "--", StringComparison.Ordinal)}");
        string reference = Path.Combine(folder, "refs", revision);
        string snapshot = Path.Combine(folder, "snapshots", File.Exists(reference) ? File.ReadAllText(reference).Trim() : revision);
        return Directory.Exists(snapshot) ? snapshot : model;
    }

    // No part may begin with a dot: a name must not lead out of the cache.
    [GeneratedRegex(@"^[A-Za-z0-9_][\w.-]*/[A-Za-z0-9_][\w.-]*(@[A-Za-z0-9_][\w.-]*)?$")]
    private static partial Regex Name();
}
