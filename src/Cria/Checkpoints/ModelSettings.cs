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
        if (file != HuggingFaceFolder.ConfigFile)
            return new MetaParameters(json, path, checkpoint).ToConfig();
        if (isMeta)
            AddHeads(json, path);
        return json;
    }

    // A config.json may leave these out; the rows of q and k cannot be reordered without them.
    private static void AddHeads(JsonObject json, string path)
    {
        int heads = Count(json, "num_attention_heads", otherwise: null, path);
        Count(json, "num_key_value_heads", heads, path);
        if (Count(json, "head_dim", json["head_dim"] is null ? Math.Max(1, Count(json, "hidden_size", otherwise: null, path) / heads) : null, path) is var size && size % 2 != 0)
            throw CheckpointException.Setting(path, "head_dim", $"{size} is odd, and rotary embedding turns pairs");
    }

    private static int Count(JsonObject json, string key, int? otherwise, string path)
    {
        if (json[key] is null && otherwise is { } known)
            json[key] = known;
        return json[key] is JsonValue value && value.TryGetValue(out int count) && count > 0
            ? count
            : throw CheckpointException.Setting(path, key, $"expected a whole number above 0, found {json[key]?.GetValueKind().ToString() ?? "nothing"}");
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
