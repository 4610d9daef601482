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
    /// <param name="place">Its folder or file: the tokenizer and other files stand there.</param>
    public ModelFiles(Checkpoint weights, string place)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(place));
        bool isFolder = Directory.Exists(place);
        Weights = weights;
        Folder = isFolder ? full : Path.GetDirectoryName(full)!;
        Name = isFolder ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full);
        Config = LlamaConfig.Read(weights);
        tokenizer = new Lazy<Tokenizer?>(() => ModelText.Tokenizer(weights.Gguf?.Metadata, Folder));
    }

    public Checkpoint Weights { get; }

    /// <summary>What the tensors take in their own files.</summary>
    public long Bytes => LlamaShapes.Of(Config).Sum(tensor => Weights.Tensors[tensor.Name].Type!.Bytes(tensor.Shape.Length));

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
        string place = CriaTiny.PlaceOf(path);
        var weights = Checkpoint.Open(place, device);
        try
        {
            var files = new ModelFiles(weights, place);
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
        LlamaShapes.Check(Config, Weights);
        var expected = LlamaShapes.Of(Config).Select(tensor => tensor.Name).ToHashSet();
        if (expected.Select(name => Weights.Tensors[name]).FirstOrDefault(info => info.Type is null) is { } unreadable)
            throw CheckpointException.WrongType(unreadable);
        if (Weights.Tensors.Keys.FirstOrDefault(name => !expected.Contains(name) && !IsDerived(name)) is { } lost)
            throw CheckpointException.NoPlace(Weights.Name, lost);
    }

    // The frequencies follow from the configuration; a head that is stored although it is the embedding is the embedding.
    private bool IsDerived(string name) =>
        name == LlamaShapes.RotaryFactors || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (Config.TiedHead && name == LlamaShapes.Head);
}
