using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>A checkpoint with the adapters of a model folded in: what they change is made when it is asked for, everything else is as it was.</summary>
/// <remarks>
/// What is changed says the type of its base as its own; half precision where that is quantised, for stored in few bits again it would lose what
/// was trained. Where the head is the embedding and only the embedding is adapted, the two part: the head stays what it was.
/// </remarks>
internal sealed class MergedCheckpoint : Checkpoint
{
    private readonly Checkpoint basis;
    private readonly IReadOnlyDictionary<string, Func<Tensor>> merged;
    private readonly Dictionary<string, TensorInfo> tensors;

    /// <param name="basis">The base, which stays its owner's.</param>
    /// <param name="model">The model over it, with its adapters on.</param>
    public MergedCheckpoint(Checkpoint basis, LlamaModel model)
        : base(basis.Name, basis.Device)
    {
        this.basis = basis;
        Config = basis.Config.DeepClone().AsObject();
        tensors = new(basis.Tensors);
        var changed = Changed(model).ToHashSet();
        if (model.EmbeddingExtras.Count > 0 && model.Config.TiedHead)
        {
            changed.Add(LlamaShapes.Head);
            tensors[LlamaShapes.Head] = tensors[LlamaShapes.Embedding] with { Name = LlamaShapes.Head };
            Config["tie_word_embeddings"] = false;
        }
        foreach (string name in changed)
            tensors[name] = InFloats(tensors[name]);
        merged = MergedTensors.Of(model).Where(pair => changed.Contains(pair.Key)).ToDictionary();
    }

    public override IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    public override JsonObject Config { get; }

    public override string ConfigName => basis.ConfigName;

    public override string Format => basis.Format;

    public override GgufFile? Gguf => basis.Gguf;

    protected override Tensor Load(TensorInfo info, DataType type)
    {
        ArgumentNullException.ThrowIfNull(info);
        return merged.TryGetValue(info.Name, out var make) ? make() : basis.Get(info.Name);
    }

    private protected override StoredTensor Store(TensorInfo info, DataType type) =>
        merged.ContainsKey(info.Name) ? new StoredTensor(Load(info, type), InNeighbours: false) : basis.Stored(info.Name);

    protected override Storage Bytes(TensorInfo info) => throw new NotSupportedException("Merged tensors have no file.");

    protected override void Dispose(bool disposing)
    {
    }

    private IEnumerable<string> Changed(LlamaModel model)
    {
        foreach (var slot in model.Linears)
        {
            if (slot.Linear is not Linear plain || !IsOwn(plain.Weight))
                yield return $"{slot.Path}.weight";
        }
        var norms = model.Blocks.SelectMany(block => new[] { block.AttentionNorm.Weight, block.MlpNorm.Weight }).Append(model.Norm.Weight);
        foreach (var parameter in norms.Append(model.Head).Append(model.Embedding).Where(parameter => !IsOwn(parameter)))
            yield return parameter.Name;
        if (model.EmbeddingExtras.Count > 0)
            yield return model.Embedding.Name;
    }

    private bool IsOwn(Parameter parameter) => parameter.IsAsLoaded && basis.Tensors.TryGetValue(parameter.Name, out var own) && own.Type == parameter.Value.Type;

    private static TensorInfo InFloats(TensorInfo info)
    {
        var type = info.Type is { IsFloat: true } own ? own : DataType.F16;
        return info with { Type = type, TypeName = type.Name };
    }
}
