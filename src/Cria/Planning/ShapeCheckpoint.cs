using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Planning;

/// <summary>The weights of a model that nobody has: every tensor with its shape, none with numbers.</summary>
internal sealed class ShapeCheckpoint : Checkpoint
{
    private readonly ShapeBackend device;

    /// <summary>Weights of a shape, all in one storage type: which, changes nothing above the kernels.</summary>
    public ShapeCheckpoint(LlamaConfig config, ShapeBackend device)
        : base("a shape", device)
    {
        this.device = device;
        Tensors = LlamaShapes.Of(config).ToDictionary(
            tensor => tensor.Name, tensor => new TensorInfo(tensor.Name, DataType.F32, DataType.F32.Name, tensor.Shape, Name));
        Config = config.ToJson();
    }

    public override IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    public override JsonObject Config { get; }

    public override string ConfigName => "the shape";

    protected override Tensor Load(TensorInfo info, DataType type) => device.Mapped(info.Shape, type);

    protected override Storage Bytes(TensorInfo info) => throw new NotSupportedException("A shape has no file.");

    protected override void Dispose(bool disposing)
    {
    }
}
