using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>A model in PyTorch files: each tensor in one of them, or shared by all as Meta's model-parallel files do.</summary>
/// <remarks>A shared tensor is put together, and the rows of q and k are reordered, when it is asked for; all else is read in place.</remarks>
internal sealed class TorchCheckpoint : Checkpoint
{
    private readonly string folder;
    private readonly IReadOnlyList<TorchFile> files;
    private readonly bool isMeta;
    private readonly Dictionary<string, TensorInfo> tensors = [];
    private readonly Dictionary<string, TorchPieces> places = [];
    private JsonObject? config;

    /// <summary>A checkpoint over open files, which it then owns.</summary>
    /// <param name="name">As the user knows it.</param>
    /// <param name="folder">Where the settings are looked for.</param>
    /// <param name="files">With names of Hugging Face, no two of them hold the same; with names of Meta, all of them do.</param>
    /// <param name="device">Where its tensors are computed with.</param>
    public TorchCheckpoint(string name, string folder, IReadOnlyList<TorchFile> files, Backend device)
        : base(name, device)
    {
        (this.folder, this.files) = (folder, files);
        isMeta = TorchNames.AreMeta(files[0].Tensors.Select(info => info.Name));
        if (isMeta)
            AddShared();
        else
            AddEach();
    }

    /// <summary>How many files the model is in.</summary>
    public int FileCount => files.Count;

    public override IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    public override JsonObject Config => config ??= ModelSettings.Read(this, folder, isMeta);

    public override string ConfigName => ModelSettings.FileName(folder, isMeta);

    public override bool HasConfig => File.Exists(Path.Combine(folder, ConfigName));

    public override string Format
    {
        get
        {
            string owner = TorchNames.OwnerOf([.. files[0].Tensors.Select(info => info.Name)]);
            return files.Count == 1 ? $"PyTorch, names of {owner}" : $"PyTorch, names of {owner}, {files.Count} files";
        }
    }

    /// <summary>A single file, whatever its name.</summary>
    public static new TorchCheckpoint Open(string path, Backend device) =>
        Open(path, Path.GetDirectoryName(Path.GetFullPath(path))!, [path], device);

    public static TorchCheckpoint Open(string name, string folder, IEnumerable<string> paths, Backend device)
    {
        var files = new List<TorchFile>();
        try
        {
            foreach (string path in paths)
                files.Add(TorchFile.Open(path));
            return new TorchCheckpoint(name, folder, files, device);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    protected override Tensor Load(TensorInfo info, DataType type) =>
        isMeta && RotaryRows.HeadsKey(info.Name) is not null
            ? new Tensor(info.Shape, type, Device, RotaryRows.ToHalves(info, Bytes(info), this))
            : base.Load(info, type);

    protected override Storage Bytes(TensorInfo info) => places[info.Name].Bytes();

    protected override void Dispose(bool disposing)
    {
        foreach (var file in files)
            file.Dispose();
    }

    private void AddEach()
    {
        foreach (var file in files)
        {
            foreach (var info in file.Tensors.Where(info => !TorchNames.IsDerived(info.Name)))
                Add(info, new TorchPieces(info.Name, [file], ShardAxis.Replicated));
        }
    }

    private void AddShared()
    {
        TorchShards.Check(files);
        long hidden = TorchShards.HiddenSize(files[0]);
        foreach (var info in files[0].Tensors.Where(info => !TorchNames.IsDerived(info.Name)))
        {
            var (name, axis) = TorchNames.ToHuggingFace(info.Name);
            if (axis == ShardAxis.Embedding)
                axis = info.Shape.Rank == 2 && info.Shape[1] == hidden ? ShardAxis.Rows : ShardAxis.Columns;
            if (info.Shape.Rank is 0 or > 2)
                axis = ShardAxis.Replicated;            // no tensor of a LLaMA: it is left for whoever asks for it
            Add(info with { Name = name, Shape = TorchPieces.Joined(info.Shape, axis, files.Count) }, new TorchPieces(info.Name, files, axis));
        }
    }

    private void Add(TensorInfo info, TorchPieces place)
    {
        if (!tensors.TryAdd(info.Name, info))
            throw CheckpointException.Duplicate(Name, info.Name);
        places.Add(info.Name, place);
    }
}
