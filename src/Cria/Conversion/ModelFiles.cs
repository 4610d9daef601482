using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria.Conversion;

/// <summary>Everything that belongs to a model, as it is copied from one form of files to another: no weight is read before it is written.</summary>
internal sealed class ModelFiles : IDisposable
{
    private readonly Lazy<Tokenizer?> tokenizer;

    /// <summary>A model over a checkpoint, which it owns.</summary>
    /// <param name="weights">The tensors.</param>
    /// <param name="folder">Where the tokenizer and other files stand.</param>
    /// <param name="name">What the model is called.</param>
    public ModelFiles(Checkpoint weights, string folder, string name)
    {
        (Weights, Folder, Name) = (weights, folder, name);
        Config = LlamaConfig.Read(weights);
        tokenizer = new Lazy<Tokenizer?>(() => ModelText.Tokenizer(weights.Gguf?.Metadata, folder));
    }

    public Checkpoint Weights { get; }

    public LlamaConfig Config { get; }

    /// <summary>The folder of the files.</summary>
    public string Folder { get; }

    /// <summary>The model's name: that of its folder or file.</summary>
    public string Name { get; }

    public Tokenizer? Tokenizer => tokenizer.Value;

    /// <summary>The chat template as it stands in the files; null where there is none.</summary>
    public string? Template => ModelText.TemplateSource(Weights.Gguf?.Metadata, Folder);

    /// <summary>Opens a model.</summary>
    /// <exception cref="CheckpointException">It cannot be read, or is not a dense LLaMA.</exception>
    public static ModelFiles Open(string path, Backend device)
    {
        string place = path == CriaTiny.Name ? CriaTiny.Folder() : path;
        var weights = Checkpoint.Open(place, device);
        try
        {
            string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(place));
            bool isFolder = Directory.Exists(place);
            var files = new ModelFiles(
                weights, isFolder ? full : Path.GetDirectoryName(full)!, isFolder ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full));
            files.CheckTensors();
            return files;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    public void Dispose() => Weights.Dispose();

    /// <summary>Throws unless every tensor of the model is there in its shape, and none that would be lost.</summary>
    private void CheckTensors()
    {
        var expected = LlamaTensors.Of(Config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        foreach (var (name, shape) in expected)
        {
            if (!Weights.Tensors.TryGetValue(name, out var found))
                throw CheckpointException.Missing(Weights.Name, name, Weights.Closest(name));
            if (found.Shape != shape)
                throw CheckpointException.WrongShape(found.File, name, shape, Weights.ConfigName, found.Shape);
            if (found.Type is null)
                throw CheckpointException.WrongType(found);
        }
        if (Weights.Tensors.Keys.FirstOrDefault(name => !expected.ContainsKey(name) && !IsDerived(name)) is { } lost)
            throw CheckpointException.NoPlace(Weights.Name, lost);
    }

    // The frequencies follow from the configuration; a head that is stored although it is the embedding is the embedding.
    private bool IsDerived(string name) =>
        name == RotaryFactors.TensorName || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (Config.TiedHead && name == LlamaTensors.Head);
}
