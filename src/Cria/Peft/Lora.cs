using Cria.Models;

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

    /// <summary>Whether the product is scaled by α / √r instead of α / r, so that a high rank learns as well as a low one.</summary>
    /// <remarks>Kalajdzievski 2023, <see href="https://arxiv.org/abs/2312.03732"/>.</remarks>
    public bool Rslora { get; set; }

    /// <summary>Whether the size of each row of the weight is trained apart from its direction.</summary>
    /// <remarks>DoRA, Liu et al. 2024, <see href="https://arxiv.org/abs/2402.09353"/>.</remarks>
    public bool Dora { get; set; }

    /// <summary>Which linear layers.</summary>
    public Targets Targets { get; set; } = new(Targets.AllLinear);

    /// <summary>What B A x is multiplied by.</summary>
    internal float Scaling => Rslora ? Alpha / MathF.Sqrt(Rank) : Alpha / Rank;

    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        problems.Unless(Rank is >= 1 and <= 65_536, $"rank: must lie from 1 to 65536, got {Rank}.");
        problems.Unless(float.IsFinite(Alpha) && Alpha > 0, $"alpha: must be a positive number, got {Alpha}.");
        problems.Unless(Dropout is >= 0 and < 1, $"dropout: must lie from 0 to below 1, got {Dropout}.");
        Targets.Validate(problems);
    }

    /// <inheritdoc/>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        var adapter = new Adapter(this);
        LoraLinear.Attach(adapter, model, this, seed);
        return adapter;
    }
}
