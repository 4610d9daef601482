using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>Tensors in one or several safetensors files, with the <c>config.json</c> beside them.</summary>
internal sealed class SafetensorsCheckpoint : Checkpoint
{
    private readonly string folder;
    private readonly IReadOnlyList<SafetensorsFile> files;
    private readonly Dictionary<string, TensorInfo> tensors = [];
    private readonly Dictionary<string, SafetensorsFile> places = [];
    private readonly BitsAndBytes packed;
    private JsonObject? config;

    /// <summary>A checkpoint over open files, which it then owns; no two of them hold a tensor of the same name.</summary>
    public SafetensorsCheckpoint(string name, string folder, IReadOnlyList<SafetensorsFile> files, Backend device)
        : base(name, device)
    {
        (this.folder, this.files) = (folder, files);
        foreach (var file in files)
        {
            foreach (var info in file.Tensors)
            {
                if (!tensors.TryAdd(info.Name, info))
                    throw CheckpointException.Duplicate(name, info.Name);
                places.Add(info.Name, file);
            }
        }
        packed = BitsAndBytes.Fold(tensors, Bytes);
    }

    public override IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    public override JsonObject Config => config ??= ReadConfig();

    public override string ConfigName => HuggingFaceFolder.ConfigFile;

    /// <summary>A single file, whatever its name.</summary>
    public static new SafetensorsCheckpoint Open(string path, Backend device) =>
        Open(path, Path.GetDirectoryName(path) ?? "", path, device);

    /// <summary>A single file of a folder.</summary>
    public static SafetensorsCheckpoint Open(string name, string folder, string path, Backend device)
    {
        var file = SafetensorsFile.Open(path);
        try
        {
            return new SafetensorsCheckpoint(name, folder, [file], device);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    protected override Tensor Load(TensorInfo info, DataType type) => packed.TryRead(info, type, Device) ?? base.Load(info, type);

    protected override Storage Bytes(TensorInfo info) => places[info.Name].Bytes(info.Name);

    protected override void Dispose(bool disposing)
    {
        foreach (var file in files)
            file.Dispose();
    }

    private JsonObject ReadConfig()
    {
        string path = Path.Combine(folder, HuggingFaceFolder.ConfigFile);
        return File.Exists(path) ? JsonFile.Read(path) : throw CheckpointException.NoConfig(Name);
    }
}
