using Cria.Cli.Hub;

namespace Cria.Cli;

/// <summary>Models by name: what <c>cria pull</c> and Hugging Face's own tools have fetched can be named as <c>org/name[:type][@revision]</c>.</summary>
internal static class ModelCache
{
    /// <summary>The cache's folder, by the environment variables that huggingface_hub reads.</summary>
    public static string Folder => HubSettings.FromEnvironment().CacheFolder;

    /// <summary>Opens a model by path or by name.</summary>
    /// <exception cref="HubException">It has the form of a name, and is not in the cache or not whole there.</exception>
    public static Llama Open(string model, LlamaOptions options)
    {
        string path = Resolve(model);
        if (path != model && Directory.Exists(path) && Snapshot.Missing(path) is { Count: > 0 } missing)
            throw HubException.NotWhole(HubName.TryParse(model)!, path, missing);
        return Llama.Load(path, options with { Name = model });
    }

    /// <summary>The folder of a model in the cache, or its GGUF file; anything that is a path comes back as it is.</summary>
    /// <exception cref="HubException">It has the form of a name, and is not in the cache.</exception>
    public static string Resolve(string model) => Resolve(model, Folder);

    internal static string Resolve(string model, string cacheFolder)
    {
        if (Path.Exists(model) || !model.Contains('/') || HubName.TryParse(model) is not { } name)
            return model;
        var repository = new CachedRepository(cacheFolder, name);
        string snapshot = repository.Snapshot(repository.CommitOf(name.RevisionOrMain));
        return Directory.Exists(snapshot) ? Snapshot.Model(snapshot, name) : throw HubException.NotInCache(name, cacheFolder);
    }
}
