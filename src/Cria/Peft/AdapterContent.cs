using System.Globalization;
using Cria.Checkpoints;
using Cria.Models;

namespace Cria.Peft;

/// <summary>An open adapter file of any form.</summary>
/// <param name="file">As messages name it.</param>
/// <param name="form">Its form.</param>
/// <param name="options">The method and its settings.</param>
/// <param name="tensors">What is in it.</param>
/// <param name="source">Closed with this.</param>
internal sealed class AdapterContent(string file, AdapterForm form, PeftOptions options, IReadOnlyList<AdapterTensor> tensors, IDisposable source) : IDisposable
{
    public IReadOnlyList<AdapterTensor> Tensors => tensors;

    /// <summary>The name of the base, where it is said.</summary>
    public string? Base { get; init; }

    /// <summary>What had to be assumed, or null.</summary>
    public string? Note { get; init; }

    /// <summary>The file with the settings, where it is another one.</summary>
    public string? SettingsFile { get; init; }

    /// <summary>Whether exactly the layers with tensors are adapted, whatever the settings name: forms other than peft's list no targets.</summary>
    public bool LayersFollowTensors { get; init; }

    public Adapter Attach(LlamaModel model)
    {
        Adapter? adapter = null;
        try
        {
            adapter = OptionsFor(model).Attach(model, seed: 0);
            CopyTo(adapter, model.Config.HeadSize);
            adapter.Note = Note;
            return adapter;
        }
        catch (OptionsException e)
        {
            throw CheckpointException.Setting(SettingsFile ?? file, "made for another base", e.Message);
        }
        catch
        {
            adapter?.Detach();
            throw;
        }
    }

    /// <summary>Takes the numbers into an adapter that is attached already and trains the same tensors.</summary>
    public void CopyTo(Adapter adapter, int headSize)
    {
        var there = new Dictionary<string, AdapterTensor>();
        foreach (var tensor in tensors)
        {
            if (!there.TryAdd(tensor.Name, tensor))
                throw CheckpointException.Duplicate(file, tensor.Name);
        }
        var expected = adapter.Trained.Select(parameter => parameter.Name).ToHashSet();
        if (tensors.FirstOrDefault(tensor => !expected.Contains(tensor.Name)) is { } unknown)
            throw CheckpointException.OtherBase(file, unknown.Stored.Name, "this model has no such layer among the adapter's targets");
        foreach (var parameter in adapter.Trained)
        {
            if (!there.TryGetValue(parameter.Name, out var tensor))
                throw CheckpointException.OtherBase(file, parameter.Name, "this model has the layer, the file has no such tensor");
            if (tensor.Shape != parameter.Value.Shape)
                throw CheckpointException.OtherBase(file, tensor.Stored.Name, $"this model needs {parameter.Value.Shape}, the file holds {tensor.Shape}");
            parameter.Value.Set(tensor.Read(headSize).Floats());
        }
    }

    public AdapterDescription Describe() => new(form, options, Base, Layers(), [.. tensors.Select(tensor => tensor.Stored)], Note);

    public void Dispose() => source.Dispose();

    private PeftOptions OptionsFor(LlamaModel model)
    {
        if (!LayersFollowTensors || options is not LoraOptions lora)
            return options;
        string[] paths = [.. tensors.Select(tensor => LoraNames.PathOf(tensor.Name)).Distinct()];
        var meant = model.Linears.Where(slot => lora.Targets.Names.Contains(slot.Name)).Select(slot => slot.Path);
        return meant.ToHashSet().SetEquals(paths) ? options : lora with { Targets = new Targets(paths) };
    }

    private List<int> Layers() =>
    [
        .. tensors.Select(tensor => tensor.Name.Split('.')).Where(parts => parts is ["model", "layers", _, ..])
            .Select(parts => int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : -1)
            .Where(layer => layer >= 0).Distinct().Order(),
    ];
}
