using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

/// <summary>The first layers of a model, with its norm and head right after them.</summary>
internal sealed class FirstLayers : Checkpoint
{
    private readonly Checkpoint whole;

    public FirstLayers(Checkpoint whole, int layers)
        : base(whole.Name, whole.Device)
    {
        this.whole = whole;
        var config = LlamaConfig.Read(whole) with { Layers = layers };
        Config = config.ToJson();
        Tensors = LlamaShapes.Of(config).ToDictionary(tensor => tensor.Name, tensor => whole.Tensors[tensor.Name]);
    }

    public override IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    public override JsonObject Config { get; }

    public override string ConfigName => whole.ConfigName;

    protected override Tensor Load(TensorInfo info, DataType type) => whole.TryGet(info.Name, out var tensor) ? tensor : throw new KeyNotFoundException(info.Name);

    protected override Storage Bytes(TensorInfo info) => throw new NotSupportedException("Tensors are read one by one.");

    protected override void Dispose(bool disposing) => whole.Dispose();
}
