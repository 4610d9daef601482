using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Adapters of Apple's mlx-lm: factors with rows and columns exchanged, (in, r) and (r, out), and settings of their own.</summary>
/// <remarks>
/// mlx-lm: mlx_lm/tuner/lora.py, dora.py and utils.py. y = W x + scale · (x a) b, so that α = scale · r. Older files give α itself. Rows of q and k are in
/// half-split order, since the models are Hugging Face's.
/// </remarks>
internal static class MlxAdapter
{
    private const string Safetensors = "adapters.safetensors", Npz = "adapters.npz";

    /// <summary>The file with the tensors in a folder, or null.</summary>
    public static string? WeightsIn(string folder) =>
        new[] { Safetensors, Npz }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Whether a file is of this form: the names alone tell in safetensors, and numpy's archives have no other use here.</summary>
    public static bool Is(string path)
    {
        if (Path.GetExtension(path).Equals(".npz", StringComparison.OrdinalIgnoreCase))
            return true;
        if (!Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
            return false;
        using var device = new CpuBackend(threads: 1);
        using var file = Checkpoint.Open(path, device);
        return file.Tensors.Keys.Any(name => name.EndsWith(".lora_a", StringComparison.Ordinal));
    }

    public static AdapterContent Open(string path, Backend device, float? alpha)
    {
        Checkpoint file = Path.GetExtension(path).Equals(".npz", StringComparison.OrdinalIgnoreCase) ? new NpzCheckpoint(path, device) : Checkpoint.Open(path, device);
        try
        {
            string config = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, HuggingFaceAdapter.ConfigFile);
            ConfigKeys? keys = File.Exists(config) ? new ConfigKeys(JsonFile.Read(config), config) : null;
            CheckKind(keys);
            var tensors = LoraFactors.Tensors(file, transposed: true);
            var scale = ScaleOf(keys);
            return new AdapterContent(path, AdapterForm.Mlx, LoraFactors.Options(path, tensors, rank => alpha ?? scale(rank) ?? rank), tensors, file)
            {
                Base = keys?.Text("model"),
                LayersFollowTensors = true,
                Note = alpha is null && scale(1) is null ? $"{path}: says neither scale nor alpha; the scale is taken to be 1. ADAPTER:2 doubles it." : null,
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void CheckKind(ConfigKeys? keys)
    {
        if (keys?.Text("fine_tune_type") is { } kind and not ("lora" or "dora"))
            throw CheckpointException.Setting(keys.Value.File, "fine_tune_type", $"'{kind}' is not a kind of adapter that can be read: lora, dora");
    }

    // α of a layer of some rank: the scale is one for all layers, an α divided by the rank.
    private static Func<int, float?> ScaleOf(ConfigKeys? keys)
    {
        if (keys is not { } all)
            return _ => null;
        var lora = all.Object("lora_parameters") ?? all;
        if (lora.Real("scale") is { } scale)
            return rank => (float)(scale * rank);
        double? alpha = lora.Real("alpha");
        return _ => (float?)alpha;
    }
}
