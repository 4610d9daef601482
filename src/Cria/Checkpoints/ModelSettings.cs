using System.Text.Json.Nodes;

namespace Cria.Checkpoints;

/// <summary>The settings of a model in PyTorch files, which never hold them: <c>params.json</c> or <c>config.json</c> beside them.</summary>
internal static class ModelSettings
{
    public static JsonObject Read(TorchCheckpoint checkpoint, string folder, bool isMeta)
    {
        string file = FileName(folder, isMeta), path = Path.Combine(folder, file);
        if (!File.Exists(path))
            throw NotThere(checkpoint);
        var json = JsonFile.Read(path);
        return file == HuggingFaceFolder.ConfigFile ? json : new MetaParameters(json, path, checkpoint).ToConfig();
    }

    /// <summary>The file that is there: of both, the one that belongs to the names of the tensors.</summary>
    public static string FileName(string folder, bool isMeta)
    {
        string[] names = isMeta ? [MetaFolder.ParametersFile, HuggingFaceFolder.ConfigFile] : [HuggingFaceFolder.ConfigFile, MetaFolder.ParametersFile];
        return Array.Find(names, name => File.Exists(Path.Combine(folder, name))) ?? names[0];
    }

    private static CheckpointException NotThere(TorchCheckpoint checkpoint)
    {
        var known = KnownShape.Of(checkpoint);
        return CheckpointException.NoSettings(
            checkpoint.Name,
            string.Join(", ", known.ToJson().Select(pair => $"{pair.Key} {pair.Value}")),
            "n_heads (num_attention_heads), norm_eps (rms_norm_eps) and rope_theta, which tensors do not tell",
            """put config.json (Hugging Face's) or params.json (Meta's) beside the file; {"n_heads": 32, "norm_eps": 1e-5, "rope_theta": 10000} with the model's numbers is enough""");
    }
}
