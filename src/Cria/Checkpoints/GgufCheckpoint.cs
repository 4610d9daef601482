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

    protected override Tensor Load(TensorInfo info, DataType type)
    {
        if (HeadsKey(info.Name) is not { } key)
            return base.Load(info, type);
        int heads = (int)Config[key]!, headSize = (int)Config["head_dim"]!;
        if (info.Shape.Rank == 0 || info.Shape[0] != (long)heads * headSize)
            throw CheckpointException.WrongRows(info, (long)heads * headSize, $"{ConfigName} ({key} {heads} × head_dim {headSize})");
        return new Tensor(info.Shape, type, Device, RotaryRows.ToHalves(Bytes(info), info.Shape[0], headSize));
    }

    protected override Storage Bytes(TensorInfo info)
    {
        var (file, tensor) = places[info.Name];
        return file.Bytes(tensor);
    }

    protected override void Dispose(bool disposing) => files.ForEach(file => file.Dispose());

    private static string? HeadsKey(string name)
    {
        if (name.Contains(".self_attn.q_proj.", StringComparison.Ordinal))
            return "num_attention_heads";
        return name.Contains(".self_attn.k_proj.", StringComparison.Ordinal) ? "num_key_value_heads" : null;
    }

    private void CheckKind(GgufMetadata metadata)
    {
        string architecture = metadata.GetText("general.architecture") ?? throw CheckpointException.GgufKeyMissing(Name, "general.architecture");
        if (architecture != "llama")
            throw CheckpointException.Architecture(Name, architecture);
        if (metadata.GetText("general.type") is { } kind and not "model")
            throw CheckpointException.NotAModel(Name, kind);
    }
}
