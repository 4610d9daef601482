using Cria.Checkpoints;
using Cria.Data;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>The features of the images that records show: held against the adapter before the first step, read when a batch shows them.</summary>
internal sealed class ImageFiles(Backend device, PeftOptions method, LlamaConfig config) : IDisposable
{
    private readonly ImageShape? shape = method.Images(config);
    private Checkpoint? open;

    /// <summary>Looks into every file once; reads no numbers.</summary>
    /// <exception cref="DataException">A record's image does not fit what the adapter reads, or it reads none.</exception>
    /// <exception cref="CheckpointException">A file is damaged, or holds no features.</exception>
    public void Check(IEnumerable<(RecordOrigin Origin, RecordImage Image)> images)
    {
        foreach (var (origin, image) in images)
        {
            if (shape is null)
                throw DataException.BadRecord(origin, DataFault.Image, $"it shows an image, and {method.Method} as it is set reads none. Leave the key '{RecordImage.Field}' out, or take a method that does: llama-adapter, llama-adapter-v2, or excitor with vision_dim.");
            if (shape.Misfit(ImageFeatures.Find(Open(image.File), image.Tensor).Rows) is { } misfit)
                throw DataException.BadRecord(origin, DataFault.Image, $"the features of its image, {image}, do not fit: {misfit}.");
        }
    }

    /// <summary>What the sequences of a part show, an entry for each; none at all where none shows anything.</summary>
    public IReadOnlyList<Tensor?> Of(MicroBatch part) => part.Examples.Any(example => example.Image is not null)
        ? [.. part.Examples.Select(example => example.Image is { } image ? ImageFeatures.Load(Open(image.File), image.Tensor).On(device) : null)]
        : [];

    public void Dispose() => open?.Dispose();

    // Many records may share a file, one after another.
    private Checkpoint Open(string file)
    {
        if (open?.Name != file)
        {
            open?.Dispose();
            open = null;
            open = Checkpoint.Open(file, device);
        }
        return open;
    }
}
