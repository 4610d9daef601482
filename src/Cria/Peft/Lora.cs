using System.Text.Json.Nodes;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>LoRA: y = W x + (α / r) · B A x, W frozen.</summary>
/// <remarks>
/// Hu et al. 2021, <see href="https://arxiv.org/abs/2106.09685"/>. Tensor names and shapes are those of huggingface/peft. Over a base of
/// NF4 blocks this is QLoRA (Dettmers et al. 2023, <see href="https://arxiv.org/abs/2305.14314"/>).
/// </remarks>
public sealed record LoraOptions : PeftOptions
{
    /// <summary>r: the inner width of the product B A.</summary>
    public int Rank { get; set; } = 16;

    /// <summary>α: what the product is scaled by, over r.</summary>
    public float Alpha { get; set; } = 32;

    /// <summary>The share of inputs of A that training sets to zero.</summary>
    public float Dropout { get; set; }

    /// <summary>Which linear layers; <c>embed_tokens</c> among the names adapts the embedding too.</summary>
    public Targets Targets { get; set; } = new(Targets.AllLinear);

    /// <summary>Names, or endings of paths, of layers that are left out although they are targets.</summary>
    public IReadOnlyList<string> Exclude { get; set; } = [];

    /// <summary>The numbers of the blocks that are adapted; all where none is named.</summary>
    public IReadOnlyList<int> Layers { get; set; } = [];

    /// <summary>Other ranks for some layers, each as <c>expression=rank</c>, such as <c>down_proj=32</c>: the first whose expression matches the end of the path holds.</summary>
    public IReadOnlyList<string> RankPattern { get; set; } = [];

    /// <summary>Other α for some layers, in the same way.</summary>
    public IReadOnlyList<string> AlphaPattern { get; set; } = [];

    /// <summary>Whether the product is scaled by α / √r instead of α / r, so that a high rank learns as well as a low one.</summary>
    /// <remarks>Kalajdzievski 2023, <see href="https://arxiv.org/abs/2312.03732"/>.</remarks>
    public bool Rslora { get; set; }

    /// <summary>Whether the size of each row of the weight is trained apart from its direction.</summary>
    /// <remarks>DoRA, Liu et al. 2024, <see href="https://arxiv.org/abs/2402.09353"/>.</remarks>
    public bool Dora { get; set; }

    /// <summary>How A and B begin: <c>default</c>, <c>gaussian</c>, <c>pissa</c>, <c>olora</c>, <c>loftq</c> or <c>orthogonal</c>.</summary>
    public string Init { get; set; } = LoraInitialization.Default;

    /// <summary>The storage type that <c>init: loftq</c> brings the base to.</summary>
    public string LoftqType { get; set; } = "nf4";

    /// <summary>How often LoftQ quantises anew around the product it found.</summary>
    public int LoftqIterations { get; set; } = 1;

    /// <summary>Whether B has a bias.</summary>
    public bool LoraBias { get; set; }

    /// <summary>Ends of names of the model's own modules that are trained as a whole along with it, such as <c>lm_head</c>, <c>embed_tokens</c> or <c>norm</c> (all norms).</summary>
    public IReadOnlyList<string> ModulesToSave { get; set; } = [];

    /// <summary>Token ids whose rows of the embedding are trained, such as those of new special tokens.</summary>
    public IReadOnlyList<int> TrainableTokens { get; set; } = [];

    /// <summary>LoRA+: how many times A's learning rate B has.</summary>
    /// <remarks>Hayou et al. 2024, <see href="https://arxiv.org/abs/2402.12354"/>, who advise 16.</remarks>
    public double PlusRatio { get; set; } = 1;

    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        problems.Unless(Rank is >= 1 and <= 65_536, $"rank: must lie from 1 to 65536, got {Rank}.");
        problems.Unless(float.IsFinite(Alpha) && Alpha > 0, $"alpha: must be a positive number, got {Alpha}.");
        problems.Unless(Dropout is >= 0 and < 1, $"dropout: must lie from 0 to below 1, got {Dropout}.");
        Targets.Validate(problems);
        LayerPattern.Validate("rank_pattern", RankPattern, value => value is >= 1 and <= 65_536 && value == Math.Floor(value), problems);
        LayerPattern.Validate("alpha_pattern", AlphaPattern, value => value > 0, problems);
        problems.UnlessOneOf("init", Init, LoraInitialization.All);
        problems.Unless(Init != LoraInitialization.Orthogonal || Rank % 2 == 0, $"init: orthogonal needs an even rank, got {Rank}.");
        problems.Unless(!(Dora && LoraInitialization.ChangesBase(Init)), $"init: {Init} changes the base's weight, whose rows dora measures: choose one of them.");
        problems.UnlessOneOf("loftq_type", LoftqType, [.. DataType.All.Where(type => !type.IsFloat).Select(type => type.Name)]);
        problems.Unless(LoftqIterations is >= 1 and <= 100, $"loftq_iterations: must lie from 1 to 100, got {LoftqIterations}.");
        problems.Unless(double.IsFinite(PlusRatio) && PlusRatio > 0, $"plus_ratio: must be a positive number, got {PlusRatio}.");
    }

    /// <inheritdoc/>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Adapter.Of(this, model, adapter =>
        {
            foreach (var slot in LoraTargets.Slots(this, model))
                LoraLinear.Attach(adapter, slot, this, model.Device, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
            if (LoraTargets.NamesEmbedding(Targets))
                LoraEmbedding.Attach(adapter, model, this, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
            if (TrainableTokens.Count > 0)
                TrainedTokens.Attach(adapter, model, TrainableTokens);
            LoraTargets.TrainWhole(adapter, model, ModulesToSave);
        });
    }

    internal override JsonObject ToConfig(Adapter adapter, string baseModel) => LoraConfig.Write(this, adapter, baseModel);

    internal override string? Unmergeable => LoraBias ? "lora_bias: a LLaMA has no biases to fold these into." : null;

    // LoRA+ (section 4.3): B learns faster than A. The embedding's factors have a rate of their own in peft, which is for the optimizer to know.
    internal override double LearningRateFactor(Parameter parameter) =>
        parameter.Name.Contains(".lora_B.", StringComparison.Ordinal) ? PlusRatio : 1;

    /// <summary>What B A x is multiplied by in a layer of that rank and α.</summary>
    internal float Scaling(int rank, float alpha) => Rslora ? alpha / MathF.Sqrt(rank) : alpha / rank;
}
