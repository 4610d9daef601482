using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>What was trained, as files: an adapter in peft's form, or after full fine-tuning a whole model in Hugging Face's.</summary>
internal sealed class TrainedFiles(Adapter adapter, Checkpoint source)
{
    // Everything beside the weights and their configuration that a model needs to be used, or that other tools look for.
    private static readonly string[] Companions = [.. HuggingFaceFolder.TextFiles, HuggingFaceFolder.GenerationFile];

    /// <summary>What an adapter's settings name as its base.</summary>
    public string BaseName { get; set; } = source.Name;

    private string SourceFolder => Directory.Exists(source.Name) ? source.Name : Path.GetDirectoryName(source.Name) ?? "";

    private bool IsWholeModel => adapter.Options is FullOptions;

    /// <summary>Adds why the result could not be used.</summary>
    public void Validate(Problems problems) => problems.Unless(
        !IsWholeModel || source.Gguf is null || Companions.Any(name => File.Exists(Path.Combine(SourceFolder, name))),
        $"method: full leaves a folder as Hugging Face's, and the tokenizer inside {source.Name} cannot be taken out: put its tokenizer.model beside it.");

    /// <summary>Writes the files that others use. Weights of a whole model get the storage type they had in the base.</summary>
    public void Export(string folder)
    {
        if (IsWholeModel)
            SaveModel(folder, parameter => TypeInBase(parameter.Name));
        else
            HuggingFaceAdapter.Export(adapter, folder, BaseName);
    }

    /// <summary>Writes every trained number as it is.</summary>
    public void Save(string folder)
    {
        if (IsWholeModel)
            SaveModel(folder, _ => DataType.F32);
        else
            HuggingFaceAdapter.Save(adapter, folder, BaseName);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(string folder)
    {
        if (!IsWholeModel)
        {
            HuggingFaceAdapter.Restore(adapter, folder);
            return;
        }
        using var weights = Checkpoint.Open(Path.Combine(folder, HuggingFaceFolder.WeightsFile), adapter.Trained[0].Value.Device);
        foreach (var parameter in adapter.Trained)
        {
            var tensor = weights.Weights.Get(parameter.Name, parameter.Value.Shape, "the model that is trained");
            parameter.Value.Set(tensor.Floats());
        }
    }

    private void SaveModel(string folder, Func<Parameter, DataType> type)
    {
        OutputFolder.Make(folder);
        Safetensors.Write(Path.Combine(folder, HuggingFaceFolder.WeightsFile), adapter.Trained.Select(parameter =>
            KeyValuePair.Create(parameter.Name, type(parameter) == DataType.F32 ? parameter.Value : parameter.Value.To(type(parameter)))));
        AtomicFile.WriteText(Path.Combine(folder, HuggingFaceFolder.ConfigFile), source.Config.ToJsonString());
        foreach (string name in Companions.Where(name => File.Exists(Path.Combine(SourceFolder, name))))
        {
            string target = Path.Combine(folder, name);
            OutputFolder.Make(Path.GetDirectoryName(target)!);
            using var from = File.OpenRead(Path.Combine(SourceFolder, name));
            AtomicFile.Write(target, from.CopyTo);
        }
    }

    // A trained weight is not brought back into blocks of few bits: it would lose what was learned.
    private DataType TypeInBase(string name) =>
        source.Tensors.TryGetValue(name, out var info) && info.Type is { IsFloat: true } type ? type : DataType.BF16;
}
