using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Adapters as huggingface/peft keeps them: a folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
/// <remarks>Names carry the prefix <c>base_model.model.</c>; rows of q and k are in half-split order, as in this engine.</remarks>
public static class HuggingFaceAdapter
{
    /// <summary>The settings.</summary>
    public const string ConfigFile = "adapter_config.json";

    /// <summary>The tensors.</summary>
    public const string WeightsFile = "adapter_model.safetensors";

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
        string configFile = Path.Combine(folder, ConfigFile), weightsFile = Path.Combine(folder, WeightsFile);
        var options = ReadOptions(configFile);
        using var weights = Checkpoint.Open(weightsFile, model.Device);
        var adapter = Attach(options, model, configFile);
        try
        {
            CopyTensors(adapter, weights, weightsFile);
        }
        catch
        {
            adapter.Detach();
            throw;
        }
        return adapter;
    }

    /// <summary>Takes the numbers of a folder into an adapter that is attached already and trains the same tensors.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or holds other tensors.</exception>
    public static void Restore(Adapter adapter, string folder)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        string file = Path.Combine(folder, WeightsFile);
        using var weights = Checkpoint.Open(file, adapter.Trained[0].Value.Device);
        CopyTensors(adapter, weights, file);
    }

    /// <summary>The settings of an adapter, without a model.</summary>
    public static PeftOptions ReadOptions(string configFile) => AdapterConfig.Read(configFile);

    private static void Write(string folder, JsonObject config, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        Directory.CreateDirectory(folder);
        Safetensors.Write(Path.Combine(folder, WeightsFile), tensors.Select(tensor => KeyValuePair.Create(Prefix + tensor.Key, tensor.Value)));
        AtomicFile.Write(Path.Combine(folder, ConfigFile), file => JsonSerializer.Serialize(file, config, PeftJson.Default.JsonObject));
    }

    private static Adapter Attach(PeftOptions options, LlamaModel model, string configFile)
    {
        try
        {
            return options.Attach(model, seed: 0);
        }
        catch (OptionsException e)
        {
            throw CheckpointException.Setting(configFile, "made for another base", e.Message);
        }
    }

    // peft adds the whole table of an embedding that is adapted: what the base holds anyway.
    private static bool IsOfBase(string name) => name.EndsWith(".base_layer.weight", StringComparison.Ordinal);

    private static void CopyTensors(Adapter adapter, Checkpoint weights, string file)
    {
        var expected = adapter.Trained.Select(parameter => Prefix + parameter.Name).ToHashSet();
        if (weights.Tensors.Keys.FirstOrDefault(name => !expected.Contains(name) && !IsOfBase(name)) is { } unknown)
            throw CheckpointException.OtherBase(file, unknown, "this model has no such layer among the adapter's targets");
        foreach (var parameter in adapter.Trained)
        {
            string name = Prefix + parameter.Name;
            if (!weights.TryGet(name, out var tensor))
                throw CheckpointException.OtherBase(file, name, "this model has the layer, the file has no such tensor");
            if (tensor.Shape != parameter.Value.Shape)
                throw CheckpointException.OtherBase(file, name, $"this model needs {parameter.Value.Shape}, the file holds {tensor.Shape}");
            tensor.To(DataType.F32).Floats().CopyTo(parameter.Value.Floats());
        }
    }
}
