using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>The weights and the configuration of a model, whatever the format of its files: tensors carry Hugging Face's names and layout.</summary>
/// <remarks>
/// Files are mapped into memory: opening is quick, and only weights that are used are ever read. Tensors live as long as the checkpoint.
/// Files may come from strangers: whatever is wrong with them ends in a <see cref="CheckpointException"/>. Not thread-safe.
/// </remarks>
public abstract class Checkpoint : IDisposable
{
    /// <summary>The most tensors in one file. The largest LLaMA has 20,000 when each expert is counted; more would only cost time and memory.</summary>
    internal const int MaxTensors = 200_000;

    private readonly Dictionary<string, Tensor> loaded = [];
    private bool disposed;

    /// <summary>A checkpoint of some format.</summary>
    /// <param name="name">The file or folder as the user knows it.</param>
    /// <param name="device">Where its tensors are computed with.</param>
    protected Checkpoint(string name, Backend device) => (Name, Device) = (name, device);

    /// <summary>The file or folder as the user knows it.</summary>
    public string Name { get; }

    /// <summary>Where the tensors are computed with.</summary>
    public Backend Device { get; }

    /// <summary>What there is, by name.</summary>
    public abstract IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The keys of Hugging Face's <c>config.json</c>; the metadata of other formats is translated into them.</summary>
    /// <exception cref="CheckpointException">There is no configuration, or it cannot be read.</exception>
    public abstract JsonObject Config { get; }

    /// <summary>Where <see cref="Config"/> comes from, as messages name it.</summary>
    public abstract string ConfigName { get; }

    /// <summary>Whether there is a configuration at all: PyTorch files may come without one.</summary>
    public virtual bool HasConfig => true;

    /// <summary>The kind of the files, as a user knows it.</summary>
    public virtual string Format => "safetensors";

    /// <summary>The first GGUF file, for its vocabulary and other metadata; null for other formats.</summary>
    public virtual GgufFile? Gguf => null;

    /// <summary>All tensors, by module.</summary>
    public WeightScope Weights => new(this, "");

    /// <summary>Opens a folder of Hugging Face's or Meta's layout, a <c>.safetensors</c> file, a PyTorch file, or a <c>.gguf</c> file (the first, where a model is split into several).</summary>
    /// <exception cref="CheckpointException">Nothing can be read there; the message says why and what to do.</exception>
    public static Checkpoint Open(string path, Backend device)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(device);
        device = device.Host;
        if (Directory.Exists(path))
            return HuggingFaceFolder.Open(path, device);
        if (!File.Exists(path))
            throw CheckpointException.NotFound(path);

        // By content first: files in the cache of Hugging Face have no endings.
        byte[] start = FileMapping.FirstBytes(path, GgufFile.Magic.Length);
        string ending = Path.GetExtension(path).ToLowerInvariant();
        if (ending == ".gguf" || start.AsSpan().SequenceEqual(GgufFile.Magic))
            return GgufCheckpoint.Open(path, device);
        if (ending == ".npz")
            throw CheckpointException.UnknownFormat(path);
        return ending is ".pth" or ".pt" or ".bin" or ".ckpt" || start.AsSpan().SequenceEqual(StoredZip.Magic)
            ? MetaFolder.IsShard(path) ? MetaFolder.Open(Path.GetDirectoryName(Path.GetFullPath(path))!, device) : TorchCheckpoint.Open(path, device)
            : SafetensorsCheckpoint.Open(path, device);
    }

    /// <summary>The tensor of that name, if there is one: always the same object, over the bytes of the file.</summary>
    /// <exception cref="CheckpointException">It is there, but stored in a way that cannot be computed with.</exception>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Tensor tensor)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (loaded.TryGetValue(name, out tensor))
            return true;
        if (!Tensors.TryGetValue(name, out var info))
            return false;
        loaded[name] = tensor = Load(info, info.Type ?? throw CheckpointException.WrongType(info));
        return true;
    }

    /// <summary>The tensor of a name that is listed here.</summary>
    /// <exception cref="CheckpointException">It is not, or it is stored in a way that cannot be computed with.</exception>
    internal Tensor Get(string name) => TryGet(name, out var tensor) ? tensor : throw CheckpointException.Missing(Name, name, Closest(name));

    /// <summary>A tensor for who goes through all of them once: made anew at each call, its rows in the order of the file.</summary>
    /// <exception cref="CheckpointException">It is stored in a way that cannot be computed with.</exception>
    internal StoredTensor Stored(string name)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var info = Tensors[name];
        return Store(info, info.Type ?? throw CheckpointException.WrongType(info));
    }

    /// <summary>The numbers of a tensor that holds whole ones, such as token ids.</summary>
    /// <exception cref="CheckpointException">It is not there, or does not hold whole numbers.</exception>
    public long[] Integers(string name)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!Tensors.TryGetValue(name, out var info))
            throw CheckpointException.Missing(Name, name, Closest(name));
        return WholeNumbers.Read(info, Bytes(info));
    }

    /// <summary>The name of a tensor here that resembles <paramref name="name"/> most, or null.</summary>
    public string? Closest(string name) => ClosestName.Find(name, Tensors.Keys);

    /// <summary>Closes the files: tensors of this checkpoint must not be used any more.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes the tensor; called once for each name.</summary>
    protected virtual Tensor Load(TensorInfo info, DataType type) => new(info.Shape, type, Device, Bytes(info));

    private protected virtual StoredTensor Store(TensorInfo info, DataType type) => new(Load(info, type), InNeighbours: false);

    /// <summary>The bytes of a tensor, as the file stores them.</summary>
    protected abstract Storage Bytes(TensorInfo info);

    /// <summary>Closes the files.</summary>
    protected abstract void Dispose(bool disposing);
}
