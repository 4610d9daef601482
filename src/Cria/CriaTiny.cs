using System.Reflection;
using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria;

/// <summary>The model that ships inside: a LLaMA of a few million parameters, pre-trained by this project on old books.</summary>
/// <remarks>
/// Its files are resources of this assembly; they are laid out in a folder once, so that it is opened as any other model is. The weights ship
/// as a GGUF file in 8 bits (q8_0), half of what they take in the folder: there they are bf16, as a model to be trained usually is.
/// </remarks>
public static class CriaTiny
{
    /// <summary>What to say instead of a path.</summary>
    public const string Name = "cria-tiny";

    private const string Resources = "cria-tiny/", PackedWeights = "model.gguf", Weights = "model.safetensors";

    /// <summary>The model's folder, in Hugging Face form; made on first use.</summary>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public static string Folder() => Folder(CacheFolder());

    /// <summary>The folder of the sample task: <c>train.jsonl</c>, <c>validation.jsonl</c> and <c>test.jsonl</c>.</summary>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public static string SampleTask() => Extract("sample-task/", "sample-task", CacheFolder());

    /// <summary>Where a model lies: this one's folder for its name, any other path as it is.</summary>
    internal static string PlaceOf(string model) => model == Name ? Folder() : model;

    internal static string Folder(string cache) => Extract(Resources, Name, cache);

    // One folder for each build of the library: files of an older version are never mixed with these. Several processes, and threads of one, may
    // begin at once: each writes its own, and the last one stays.
    private static string Extract(string prefix, string name, string cache)
    {
        var assembly = typeof(CriaTiny).Assembly;
        string folder = Path.Combine(cache, assembly.ManifestModule.ModuleVersionId.ToString("N"), name);
        OutputFolder.Make(folder);
        foreach (string resource in assembly.GetManifestResourceNames().Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal)))
            Write(assembly, resource, Path.Combine(folder, resource[prefix.Length..]));
        return folder;
    }

    private static void Write(Assembly assembly, string resource, string path)
    {
        if (Path.GetFileName(path) == PackedWeights)
        {
            Unpack(assembly, resource, Path.Combine(Path.GetDirectoryName(path)!, Weights));
            return;
        }
        using var content = assembly.GetManifestResourceStream(resource)!;
        if (!File.Exists(path) || new FileInfo(path).Length != content.Length)
            AtomicFile.Write(path, content.CopyTo);
    }

    // The file is there as a whole or not at all, so its length need not be known.
    private static void Unpack(Assembly assembly, string resource, string path)
    {
        if (File.Exists(path))
            return;
        string packed = $"{path}.{Path.GetRandomFileName()}.gguf";
        try
        {
            using (var content = assembly.GetManifestResourceStream(resource)!)
                AtomicFile.Write(packed, content.CopyTo);
            using var device = new CpuBackend();
            using var weights = Checkpoint.Open(packed, device);
            Safetensors.Write(path, weights.Tensors.Keys.Select(name => KeyValuePair.Create(name, weights.Get(name).To(DataType.BF16))));
        }
        finally
        {
            File.Delete(packed);
        }
    }

    private static string CacheFolder()
    {
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), "cria");
    }
}
