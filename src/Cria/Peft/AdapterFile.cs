using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Adapters as files, in every form that is in use: the form is found out by what is there.</summary>
public static class AdapterFile
{
    /// <summary>Attaches an adapter to a model.</summary>
    /// <param name="model">The base that the adapter was made for.</param>
    /// <param name="path">A folder of peft or mlx-lm, a GGUF file, or a file of factors (<c>.pt</c>, <c>.bin</c>, <c>.safetensors</c>, <c>.npz</c>).</param>
    /// <param name="alpha">α where the file does not say it, as loralib's do not; the rank where this is null, so that the scale is 1.</param>
    /// <exception cref="CheckpointException">The file is damaged, belongs to another base, holds no adapter, or uses what Cria does not do.</exception>
    public static Adapter Load(LlamaModel model, string path, float? alpha = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var content = Open(path, model.Device, alpha);
        return content.Attach(model);
    }

    /// <summary>What an adapter is, without a model.</summary>
    /// <exception cref="CheckpointException">As in <see cref="Load"/>.</exception>
    public static AdapterDescription Describe(string path)
    {
        using var device = new CpuBackend(threads: 1);
        using var content = Open(path, device, alpha: null);
        return content.Describe();
    }

    /// <summary>Whether there is an adapter, and not a model, at a path. A damaged file is left for whoever opens it.</summary>
    /// <exception cref="CheckpointException">It is a pipe, or cannot be opened.</exception>
    public static bool Is(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
            return File.Exists(Path.Combine(path, HuggingFaceAdapter.ConfigFile)) || MlxAdapter.WeightsIn(path) is not null;
        if (!File.Exists(path))
            return false;
        FileMapping.CheckMappable(path);
        try
        {
            return IsFile(path);
        }
        catch (CheckpointException)
        {
            return false;
        }
    }

    /// <summary>Writes an adapter.</summary>
    /// <param name="adapter">One that has such a form: any in peft's, a plain LoRA in GGUF's.</param>
    /// <param name="path">A folder for peft's form, a file for GGUF's. Each file is replaced only when the new one is complete; others in the folder stay.</param>
    /// <param name="form">One that is written: peft's or GGUF's.</param>
    /// <param name="baseModel">The name of the base, for whoever looks for it.</param>
    /// <exception cref="CheckpointException">The adapter has no such form; or the disk refuses.</exception>
    public static void Save(Adapter adapter, string path, AdapterForm form, string baseModel = "")
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentException.ThrowIfNullOrEmpty(path);
        switch (form)
        {
            case AdapterForm.HuggingFace:
                HuggingFaceAdapter.Export(adapter, path, baseModel);
                break;
            case AdapterForm.Gguf:
                GgufAdapterWriter.Save(adapter, path, baseModel);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(form), $"Adapters are not written in the form {form}.");
        }
    }

    internal static AdapterContent Open(string path, Backend device, float? alpha)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            return OpenFolder(path, device, alpha);
        if (!File.Exists(path))
            throw CheckpointException.NotFound(path);
        string name = Path.GetFileName(path), folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (name is HuggingFaceAdapter.ConfigFile or HuggingFaceAdapter.WeightsFile or HuggingFaceAdapter.OldWeightsFile)
            return OpenFolder(folder, device, alpha);
        if (GgufFile.Is(path))
            return GgufAdapter.Open(path, device);
        return MlxAdapter.Is(path) ? MlxAdapter.Open(path, device, alpha) : LoralibAdapter.Open(path, device, alpha);
    }

    private static AdapterContent OpenFolder(string folder, Backend device, float? alpha)
    {
        if (HuggingFaceAdapter.WeightsIn(folder) is not null)
            return HuggingFaceAdapter.Open(folder, device);
        if (MlxAdapter.WeightsIn(folder) is { } mlx)
            return MlxAdapter.Open(mlx, device, alpha);
        return Directory.GetFiles(folder, "*.gguf") is [var only] ? GgufAdapter.Open(only, device) : throw CheckpointException.NoAdapter(folder);
    }

    private static bool IsFile(string path)
    {
        string name = Path.GetFileName(path);
        if (name is HuggingFaceAdapter.ConfigFile or HuggingFaceAdapter.WeightsFile or HuggingFaceAdapter.OldWeightsFile || Path.GetExtension(name) == ".npz")
            return true;
        if (GgufFile.Is(path))
            return GgufAdapter.Is(path);
        using var device = new CpuBackend(threads: 1);
        using var file = Checkpoint.Open(path, device);
        return file.Tensors.Keys.Any(LoraNames.IsFactor) || AuthorsAdapter.Is(file);
    }
}
