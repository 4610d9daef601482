using Cria.Checkpoints;
using Cria.Data;
using Cria.Generation;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria;

/// <summary>How a model is opened.</summary>
public sealed record LlamaOptions
{
    /// <summary>Threads on the CPU; 0 takes one for each core.</summary>
    public int Threads { get; set; }

    /// <summary>Makes the device on which the model works, which is closed with the model; null takes the CPU with <see cref="Threads"/>.</summary>
    public Func<Backend>? Device { get; set; }

    /// <summary>What messages and adapters call the model; null takes the path.</summary>
    public string? Name { get; set; }

    /// <summary>The storage type that the linear layers of the base are brought to at load; null keeps what the file holds.</summary>
    public DataType? BaseType { get; set; }

    /// <summary>Whether the linear layers of the base stay in host memory, and come to the card block by block: for models larger than its memory.</summary>
    public bool StreamBase { get; set; }

    /// <summary>How caches store keys and values, see <see cref="LlamaModel.CacheType"/>; null takes the device's activations.</summary>
    public DataType? CacheType { get; set; }
}

/// <summary>A LLaMA that is ready to use: weights, tokenizer and chat template from one place.</summary>
/// <example>
/// <code>
/// using var llama = Llama.Load("path/to/model");
/// foreach (var token in llama.Generate("Once upon a time"))
///     Console.Write(token.Text);
/// </code>
/// </example>
public sealed class Llama : IDisposable
{
    private readonly Tokenizer? tokenizer;

    private Llama(string name, Checkpoint checkpoint, LlamaModel model, Tokenizer? tokenizer, ChatTemplate template) =>
        (Name, Checkpoint, Model, this.tokenizer, Template) = (name, checkpoint, model, tokenizer, template);

    /// <summary>The model as the user named it.</summary>
    public string Name { get; }

    /// <summary>Where the weights come from.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The network.</summary>
    public LlamaModel Model { get; }

    /// <summary>Whether the model came with a tokenizer; without one only token ids can be used.</summary>
    public bool HasTokenizer => tokenizer is not null;

    /// <summary>Text to tokens and back.</summary>
    /// <exception cref="CheckpointException">The model came without one.</exception>
    public Tokenizer Tokenizer => tokenizer ?? throw CheckpointException.NoTokenizer(Name);

    /// <summary>How conversations become tokens: as the template says that came with the model.</summary>
    public ChatTemplate Template { get; }

    /// <summary>The text of the model's own template, in the language Jinja; null where it came without one.</summary>
    public string? TemplateSource { get; private init; }

    /// <summary>Opens a model.</summary>
    /// <param name="path">A folder or file that <see cref="Checkpoint.Open"/> takes, or <c>cria-tiny</c>, the model that ships inside.</param>
    /// <param name="options">Device, storage types, name; the CPU with all its cores and the files' own types when left out.</param>
    /// <exception cref="CheckpointException">A file is missing, damaged, or not a LLaMA.</exception>
    /// <exception cref="TokenizerException">The tokenizer's file cannot be read.</exception>
    public static Llama Load(string path, LlamaOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new LlamaOptions();
        string place = CriaTiny.PlaceOf(path);
        var device = options.Device?.Invoke() ?? new CpuBackend(options.Threads);
        Checkpoint? checkpoint = null;
        try
        {
            checkpoint = Checkpoint.Open(place, device);
            var model = new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, device, options.BaseType, options.StreamBase);
            model.CacheType = options.CacheType ?? model.CacheType;
            string folder = ModelText.Folder(place);
            var metadata = checkpoint.Gguf?.Metadata;
            var tokenizer = Fitting(ModelText.Tokenizer(metadata, folder), checkpoint, model.Config);
            return new Llama(options.Name ?? path, checkpoint, model, tokenizer, ModelText.Template(metadata, folder))
            {
                TemplateSource = ModelText.TemplateSource(metadata, folder),
            };
        }
        catch
        {
            checkpoint?.Dispose();
            device.Dispose();
            throw;
        }
    }

    /// <summary>The tokenizer alone, without the weights.</summary>
    /// <param name="path">A model as in <see cref="Load"/>, or a tokenizer file: tokenizer.json, tokenizer.model, or a GGUF file of any kind that holds one.</param>
    /// <exception cref="CheckpointException">The file is damaged, or holds no vocabulary.</exception>
    /// <exception cref="TokenizerException">The tokenizer's file cannot be read.</exception>
    public static Tokenizer LoadTokenizer(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path == CriaTiny.Name)
            return Tokenizers.Tokenizer.Load(CriaTiny.Folder());
        bool gguf = !Directory.Exists(path) && (path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
            || (File.Exists(path) && GgufFile.Is(path)));
        if (!gguf)
            return Tokenizers.Tokenizer.Load(Directory.Exists(path) || Path.GetExtension(path) is ".pth" or ".pt" ? ModelText.Folder(path) : path);
        using var file = GgufFile.Open(path);
        return ModelText.Tokenizer(file.Metadata, path) ?? throw CheckpointException.NoTokenizer(path);
    }

    /// <summary>Attaches an adapter of any form that <see cref="AdapterFile"/> reads.</summary>
    public Adapter LoadAdapter(string path) => AdapterFile.Load(Model, path);

    /// <summary>Reads the features of an image, for adapters that see images.</summary>
    /// <param name="path"><c>cat.safetensors</c>, <c>cats.safetensors#tabby</c> for one of several, or <c>cat.jpg</c> with the features beside it in <c>cat.safetensors</c>.</param>
    /// <exception cref="CheckpointException">There is no such file, or it holds no features.</exception>
    public Tensor LoadImage(string path)
    {
        var image = RecordImage.Parse(path, "");
        return ImageFeatures.Load(image.File, image.Tensor, Model.Device);
    }

    /// <summary>Continues a text, token by token.</summary>
    public IEnumerable<GeneratedToken> Generate(string prompt, SamplingOptions? options = null, CancellationToken stop = default) =>
        new Generator(Model, Tokenizer).Stream(Tokenizer.Encode(prompt, addBegin: true), options ?? new SamplingOptions(), stop);

    /// <summary>Closes the files and frees the memory.</summary>
    public void Dispose()
    {
        Checkpoint.Dispose();
        Model.Device.Dispose();
    }

    internal static Tokenizer? Fitting(Tokenizer? tokenizer, Checkpoint checkpoint, LlamaConfig config) =>
        tokenizer is null
            ? null
            : tokenizer.First(config.VocabularySize)
                ?? throw CheckpointException.VocabularyMismatch(checkpoint.Name, checkpoint.ConfigName, config.VocabularySize, tokenizer.VocabularySize);
}
