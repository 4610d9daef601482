using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria;

/// <summary>What a model is, without its weights: nothing but the heads of its files is read, so that one larger than the memory can be looked at.</summary>
public sealed class LlamaDescription : IDisposable
{
    private LlamaDescription(Checkpoint checkpoint, LlamaConfig? config, Tokenizer? tokenizer, ChatTemplate template) =>
        (Checkpoint, Config, Tokenizer, Template) = (checkpoint, config, tokenizer, template);

    /// <summary>The open files.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The shape; null where the files have no settings and only <see cref="KnownShape"/> tells something.</summary>
    public LlamaConfig? Config { get; }

    /// <summary>The tokenizer, where there is one.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>How conversations become tokens.</summary>
    public ChatTemplate Template { get; }

    /// <summary>Opens a model as <see cref="Llama.Load"/> does, and checks the shape of every tensor, but reads none.</summary>
    /// <exception cref="CheckpointException">A file is missing, damaged, or not a LLaMA.</exception>
    /// <exception cref="TokenizerException">The tokenizer's file cannot be read.</exception>
    public static LlamaDescription Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string place = CriaTiny.PlaceOf(path);
        var checkpoint = Checkpoint.Open(place, new CpuBackend(threads: 1));
        try
        {
            var config = checkpoint.HasConfig ? LlamaConfig.Read(checkpoint) : null;
            if (config is not null)
                LlamaShapes.Check(config, checkpoint);
            string folder = ModelText.Folder(place);
            var metadata = checkpoint.Gguf?.Metadata;
            var tokenizer = ModelText.Tokenizer(metadata, folder);
            if (config is not null)
                Llama.Fitting(tokenizer, checkpoint, config);
            return new LlamaDescription(checkpoint, config, tokenizer, ModelText.Template(metadata, folder));
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        Checkpoint.Dispose();
        Checkpoint.Device.Dispose();
    }
}
