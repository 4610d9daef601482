using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Adapters as huggingface/peft keeps them: a folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, or the older <c>adapter_model.bin</c>.</summary>
/// <remarks>Names carry the prefix <c>base_model.model.</c>; rows of q and k are in half-split order, as in this engine.</remarks>
public static class HuggingFaceAdapter
{
    /// <summary>The settings.</summary>
    public const string ConfigFile = "adapter_config.json";

    /// <summary>The tensors.</summary>
    public const string WeightsFile = "adapter_model.safetensors";

    /// <summary>The tensors as peft wrote them before 2023.</summary>
    internal const string OldWeightsFile = "adapter_model.bin";

    private const string Prefix = "base_model.model.";

    /// <summary>Writes an adapter into a folder, each file aside first and then renamed.</summary>
    /// <param name="adapter">An adapter that peft knows.</param>
    /// <param name="folder">Made where it does not exist.</param>
    /// <param name="baseModel">The name of the base, for <c>base_model_name_or_path</c>.</param>
    public static void Save(Adapter adapter, string folder, string baseModel)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        Write(folder, AdapterConfig.Write(adapter.Options, adapter, baseModel), adapter.Trained.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)));
    }

    /// <summary>Writes an adapter for others: what was taken out of the base at its start (PiSSA, OLoRA) is put in, so that it fits the base as it is.</summary>
    /// <inheritdoc cref="Save"/>
    public static void Export(Adapter adapter, string folder, string baseModel)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        if (LoraExport.IsNeeded(adapter.Options))
            Write(folder, AdapterConfig.Write(LoraExport.Options((LoraOptions)adapter.Options), adapter, baseModel), LoraExport.Tensors(adapter));
        else
            Save(adapter, folder, baseModel);
    }

    /// <summary>Attaches the adapter of a folder to a model.</summary>
    /// <exception cref="CheckpointException">The files are damaged, belong to another base, or use what Cria does not do.</exception>
    public static Adapter Load(LlamaModel model, string folder)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var content = Open(folder, model.Device);
        return content.Attach(model);
    }

    /// <summary>Takes the numbers of a folder into an adapter that is attached already and trains the same tensors.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or holds other tensors.</exception>
    public static void Restore(Adapter adapter, string folder)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        string path = Path.Combine(folder, WeightsFile);
        using var content = Content(path, Checkpoint.Open(path, adapter.Trained[0].Value.Device), adapter.Options);
        content.CopyTo(adapter, adapter.HeadSize);
    }

    /// <summary>The file with the tensors, or null.</summary>
    internal static string? WeightsIn(string folder) =>
        new[] { WeightsFile, OldWeightsFile }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    internal static AdapterContent Open(string folder, Backend device)
    {
        string config = Path.Combine(folder, ConfigFile), weights = WeightsIn(folder) ?? Path.Combine(folder, WeightsFile);
        var options = ReadOptions(config);
        string? baseModel = new ConfigKeys(JsonFile.Read(config), config).Text("base_model_name_or_path");
        return Content(weights, Checkpoint.Open(weights, device), options, baseModel, config);
    }

    /// <summary>The bytes that the tensors of an adapter take as a file.</summary>
    internal static long FileBytes(Adapter adapter) =>
        Safetensors.FileBytes(adapter.Trained.Select(parameter => KeyValuePair.Create(Prefix + parameter.Name, parameter.Value)));

    /// <summary>The settings of an adapter, without a model.</summary>
    public static PeftOptions ReadOptions(string configFile) => AdapterConfig.Read(configFile);

    private static void Write(string folder, JsonObject config, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        OutputFolder.Make(folder);
        Safetensors.Write(Path.Combine(folder, WeightsFile), tensors.Select(tensor => KeyValuePair.Create(Prefix + tensor.Key, tensor.Value)));
        AtomicFile.Write(Path.Combine(folder, ConfigFile), file => JsonSerializer.Serialize(file, config, PeftJson.Default.JsonObject));
    }

    private static AdapterContent Content(string path, Checkpoint file, PeftOptions options, string? baseModel = null, string? config = null)
    {
        var tensors = file.Tensors.Values.Where(info => !IsOfBase(info.Name)).Select(info => new AdapterTensor(
            info.Name.StartsWith(Prefix, StringComparison.Ordinal) ? info.Name[Prefix.Length..] : info.Name,
            info,
            () => file.Get(info.Name)));
        return new AdapterContent(path, AdapterForm.HuggingFace, options, [.. tensors], file) { Base = baseModel, SettingsFile = config ?? path };
    }

    // peft adds the whole table of an embedding that is adapted: what the base holds anyway.
    private static bool IsOfBase(string name) => name.EndsWith(".base_layer.weight", StringComparison.Ordinal);
}
