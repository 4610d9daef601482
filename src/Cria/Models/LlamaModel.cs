using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>The dense LLaMA decoder of generations 1 to 3.3: embedding, layers, norm, output head.</summary>
/// <remarks>
/// Touvron et al. 2023, <see href="https://arxiv.org/abs/2302.13971"/>. A pass takes rows of tokens of any number of sequences: N is their
/// sum, d the hidden size, V the vocabulary. There is no batch axis; <see cref="ForwardContext.Spans"/> says who sees whom.
/// </remarks>
public sealed class LlamaModel
{
    private readonly float[] frequencies;

    /// <summary>A model over the weights of a checkpoint, which must stay open as long as the model is used.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="checkpoint">The weights.</param>
    /// <param name="device">Where the work is done. Weights that are elsewhere are copied there.</param>
    /// <param name="linearType">The storage type that the linear layers of the blocks are brought to; null leaves what the checkpoint has.</param>
    /// <param name="streamed">Whether the linear layers of the blocks stay in host memory, from where each block's come to the device when it is computed.</param>
    /// <exception cref="CheckpointException">A tensor is missing or has the wrong shape, or its rows do not divide into the type's blocks.</exception>
    /// <exception cref="OptionsException">The device does not compute with the type, or has nowhere to stream to.</exception>
    public LlamaModel(LlamaConfig config, Checkpoint checkpoint, Backend device, DataType? linearType = null, bool streamed = false)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (linearType is not null && !device.Stores(linearType))
            throw new OptionsException([$"base.type: {device.Name} cannot compute with {linearType.Name}: that needs a card of compute capability 9.0 (--device cuda)."]);
        var all = new WeightScope(checkpoint, "") { Device = device, LinearType = linearType };
        var weights = all["model"];
        string because = $"{checkpoint.ConfigName} (vocab_size {config.VocabularySize}, hidden_size {config.HiddenSize})";
        var table = new Shape(config.VocabularySize, config.HiddenSize);

        (Config, Device, CacheType) = (config, device, device.ActivationType);
        var embedding = weights["embed_tokens"].Get("weight", table, because);
        Embedding = new Parameter(LlamaShapes.Embedding, config.TiedHead ? embedding.ForProducts() : embedding);
        Streamed = streamed ? device.Stream() ?? throw new OptionsException([$"base.stream (--stream-base): {device.Name} computes with host memory as it is; only to a card can weights be streamed. Leave it out, or use --device cuda."]) : null;
        Blocks = [.. Enumerable.Range(0, config.Layers).Select(i => ToHost(new LlamaBlock(config, i, weights["layers"][$"{i}"])))];
        Norm = new RmsNorm(weights["norm"], config.HiddenSize, config.RmsNormEpsilon);
        Head = config.TiedHead
            ? Embedding
            : new Parameter(LlamaShapes.Head, all["lm_head"].Get("weight", table, because).ForProducts());
        frequencies = config.RotaryFrequencies(checkpoint);
    }

    /// <summary>The shape of the model.</summary>
    public LlamaConfig Config { get; }

    /// <summary>Where the weights are, and where the work is done.</summary>
    public Backend Device { get; }

    /// <summary>The linear layers of the blocks, where they are streamed from host memory; else null.</summary>
    public StreamedTensors? Streamed { get; }

    /// <summary>How caches of this model store keys and values: as activations, or in less memory and less exactly.</summary>
    /// <exception cref="OptionsException">The device does not compute with caches of that type, or its blocks do not divide a head.</exception>
    public DataType CacheType
    {
        get;
        set
        {
            var problems = new Problems();
            problems.UnlessOneOf($"the type of a cache on {Device.Name}", value.Name, [.. Device.CacheTypes.Select(type => type.Name)]);
            problems.Unless(Config.HeadSize % value.BlockLength == 0, $"the type of a cache: heads of {Config.HeadSize} numbers do not divide into {value}'s blocks of {value.BlockLength}.");
            problems.ThrowIfAny();
            field = value;
        }
    }

    /// <summary>One row for each token (V, d).</summary>
    public Parameter Embedding { get; }

    /// <summary>What adapters add to the embedding, in the order in which they were attached.</summary>
    public IList<IEmbeddingExtra> EmbeddingExtras { get; } = [];

    /// <summary>The layers, from the first to the last.</summary>
    public IReadOnlyList<LlamaBlock> Blocks { get; }

    /// <summary>The norm after the last layer.</summary>
    public RmsNorm Norm { get; }

    /// <summary>The output head (V, d): the embedding itself where the two are tied.</summary>
    public Parameter Head { get; }

    /// <summary>Every linear layer of the blocks: what adapters can be attached to.</summary>
    public IEnumerable<LinearSlot> Linears => Blocks.SelectMany(block => block.Attention.Linears.Concat(block.Mlp.Linears));

    /// <summary>Every tensor of the base model, in the order of a checkpoint. A layer that an adapter wraps must be unwrapped first.</summary>
    public IEnumerable<Parameter> Parameters =>
    [
        Embedding,
        .. Blocks.SelectMany(block => new[] { block.AttentionNorm.Weight }
            .Concat(block.Attention.Linears.Select(WeightOf))
            .Append(block.MlpNorm.Weight)
            .Concat(block.Mlp.Linears.Select(WeightOf))),
        Norm.Weight,
        .. Config.TiedHead ? Array.Empty<Parameter>() : [Head],
    ];

    /// <summary>The hidden state of each row after the last norm, (N, d).</summary>
    /// <param name="tokens">N token ids.</param>
    /// <param name="context">Positions and spans for N rows.</param>
    public Tensor Forward(IReadOnlyList<int> tokens, ForwardContext context)
    {
        var x = Embed(tokens, context);
        foreach (var block in Blocks)
            x = Run(block, x, context);
        return Norm.Forward(x);
    }

    /// <summary>The first step of a pass: the embedding of each row (N, d), and the angles that all layers turn by.</summary>
    public Tensor Embed(IReadOnlyList<int> tokens, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Angles = Rotary.Angles(Device, frequencies, context.Places);
        int[] ids = tokens as int[] ?? [.. tokens];
        var x = Embedding.Value.Rows(ids);
        foreach (var extra in EmbeddingExtras)
            x = extra.Embed(ids, x);
        return x;
    }

    /// <summary>The logits of each row, (N, V).</summary>
    public Tensor Logits(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return hidden.Linear(Head.Value);
    }

    /// <summary>The logits of some rows, (count, V); those of the others are not computed.</summary>
    internal Tensor Logits(Tensor hidden, int first, int count)
    {
        var rows = Device.Empty(new Shape(count, hidden.Shape.Columns), hidden.Type);
        Device.CopyRows(hidden, first, rows, 0, count);
        return Logits(rows);
    }

    /// <summary>Σ −log p(target) · scale over the rows that have a target; the logits of all rows never exist at once.</summary>
    /// <param name="hidden">What <see cref="Forward"/> returned, (N, d).</param>
    /// <param name="targets">N ids: the token that follows each row, or −100 where none is supervised.</param>
    /// <param name="scale">Usually one over the supervised tokens of the whole batch.</param>
    public Tensor Loss(Tensor hidden, int[] targets, float scale)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return hidden.CrossEntropy(Head.Value, targets, scale);
    }

    // What a layer made is given back at its end. Without gradients that is all but its result; else what the backward pass will read
    // stays, or with recomputation only the result.
    private static Tensor Run(LlamaBlock block, Tensor x, ForwardContext context)
    {
        if (Gradients.Enabled)
            return context.Recompute ? Tensor.Recompute(x, h => block.Forward(h, context), context.ParksActivations) : TensorScope.Trim(() => block.Forward(x, context));
        using var scope = TensorScope.Begin();
        return scope.Keep(block.Forward(x, context));
    }

    private LlamaBlock ToHost(LlamaBlock block)
    {
        if (Streamed is null)
            return block;
        var weights = block.Attention.Linears.Concat(block.Mlp.Linears).Select(WeightOf).ToList();
        foreach (var (weight, tensor) in weights.Zip(Streamed.Add([.. weights.Select(weight => weight.Value)])))
            weight.Value = tensor;
        return block;
    }

    private static Parameter WeightOf(LinearSlot slot) => slot.Linear is Linear linear
        ? linear.Weight
        : throw new InvalidOperationException($"{slot.Path} is wrapped by an adapter: detach it before listing the base's parameters.");
}
