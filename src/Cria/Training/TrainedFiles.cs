using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>What was trained, as files: an adapter in peft's form, or after full fine-tuning a whole model in Hugging Face's.</summary>
internal sealed class TrainedFiles(Adapter adapter, Checkpoint source)
{
    private const string WeightsFile = "model.safetensors";
    private const string ConfigFile = "config.json";

    // Everything beside the weights that a model needs to be used, or that other tools look for.
    private static readonly string[] Companions =
    [
        "tokenizer.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja", "generation_config.json", "original/tokenizer.model",
    ];

    private bool IsWholeModel => adapter.Options is FullOptions;

    /// <summary>Writes the files that others use. Weights of a whole model get the storage type they had in the base.</summary>
    public void Export(string folder)
    {
        if (IsWholeModel)
            SaveModel(folder, parameter => TypeInBase(parameter.Name));
        else
            HuggingFaceAdapter.Save(adapter, folder, source.Name);
    }

    /// <summary>Writes every trained number as it is.</summary>
    public void Save(string folder)
    {
        if (IsWholeModel)
            SaveModel(folder, _ => DataType.F32);
        else
            HuggingFaceAdapter.Save(adapter, folder, source.Name);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(string folder)
    {
        if (!IsWholeModel)
        {
            HuggingFaceAdapter.Restore(adapter, folder);
            return;
        }
        using var weights = Checkpoint.Open(Path.Combine(folder, WeightsFile), adapter.Trained[0].Value.Device);
        foreach (var parameter in adapter.Trained)
        {
            var tensor = weights.Weights.Get(parameter.Name, parameter.Value.Shape, "the model that is trained");
            tensor.Floats().CopyTo(parameter.Value.Floats());
        }
    }

    private void SaveModel(string folder, Func<Parameter, DataType> type)
    {
        Directory.CreateDirectory(folder);
        Safetensors.Write(Path.Combine(folder, WeightsFile), adapter.Trained.Select(parameter =>
            KeyValuePair.Create(parameter.Name, type(parameter) == DataType.F32 ? parameter.Value : parameter.Value.To(type(parameter)))));
        AtomicFile.Write(Path.Combine(folder, ConfigFile), file => file.Write(System.Text.Encoding.UTF8.GetBytes(source.Config.ToJsonString())));
        foreach (string name in Companions.Where(name => File.Exists(Path.Combine(source.Name, name))))
        {
            string target = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var from = File.OpenRead(Path.Combine(source.Name, name));
            AtomicFile.Write(target, from.CopyTo);
        }
    }

    // A trained weight is not brought back into blocks of few bits: it would lose what was learned.
    private DataType TypeInBase(string name) =>
        source.Tensors.TryGetValue(name, out var info) && info.Type is { IsFloat: true } type ? type : DataType.BF16;
}
