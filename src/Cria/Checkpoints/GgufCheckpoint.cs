using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>A LLaMA in one or several GGUF files, under Hugging Face's names and in its order of rows.</summary>
internal sealed class GgufCheckpoint : Checkpoint
{
    private readonly List<GgufFile> files;
    private readonly Dictionary<string, TensorInfo> tensors = [];
    private readonly Dictionary<string, (GgufFile File, GgufTensor Tensor)> places = [];
    private JsonObject? config;

    private GgufCheckpoint(string path, List<GgufFile> files, Backend device)
        : base(path, device)
    {
        this.files = files;
        CheckKind(Gguf.Metadata);
        foreach (var file in files)
        {
            foreach (var tensor in file.Tensors)
            {
                string name = GgufNames.ToHuggingFace(tensor.Name);
                if (!tensors.TryAdd(name, new TensorInfo(name, DataType.Parse(tensor.TypeName), tensor.TypeName, tensor.Shape, file.Name)))
                    throw CheckpointException.Duplicate(file.Name, name);
                places.Add(name, (file, tensor));
            }
        }
    }

    public override IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    public override JsonObject Config => config ??= new GgufConfig(Gguf, hasOutput: tensors.ContainsKey("lm_head.weight")).Build();

    public override string ConfigName => "its metadata";

    public override string Format => "GGUF";

    public override GgufFile Gguf => files[0];

    public static new GgufCheckpoint Open(string path, Backend device)
    {
        var files = GgufParts.Open(path);
        try
        {
            return new GgufCheckpoint(path, files, device);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    protected override Tensor Load(TensorInfo info, DataType type) => RotaryRows.HeadsKey(info.Name) is null
        ? base.Load(info, type)
        : new Tensor(info.Shape, type, Device, RotaryRows.ToHalves(info, Bytes(info), this));

    private protected override StoredTensor Store(TensorInfo info, DataType type) =>
        new(base.Load(info, type), InNeighbours: RotaryRows.HeadsKey(info.Name) is not null);

    protected override Storage Bytes(TensorInfo info)
    {
        var (file, tensor) = places[info.Name];
        return file.Bytes(tensor);
    }

    protected override void Dispose(bool disposing) => files.ForEach(file => file.Dispose());

    private void CheckKind(GgufMetadata metadata)
    {
        string architecture = metadata.GetText("general.architecture") ?? throw CheckpointException.GgufKeyMissing(Name, "general.architecture");
        if (architecture != "llama")
            throw CheckpointException.Architecture(Name, architecture);
        if (metadata.GetText("general.type") is { } kind and not "model")
            throw CheckpointException.NotAModel(Name, kind);
    }
}
