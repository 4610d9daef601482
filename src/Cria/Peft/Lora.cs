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

    /// <summary>Which linear layers.</summary>
    public Targets Targets { get; set; } = new(Targets.AllLinear);

    /// <summary>What B A x is multiplied by.</summary>
    internal float Scaling => Alpha / Rank;

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
        foreach (var slot in Targets.Select(model))
        {
            var lora = new LoraLinear(slot, this, adapter, model.Device, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
            slot.Replace(lora);
            adapter.OnDetach(() => lora.RemoveFrom(slot));
        }
        return adapter;
    }
}

/// <summary>One adapted layer.</summary>
internal sealed class LoraLinear : AdaptedLinear
{
    private readonly LoraOptions options;
    private readonly Adapter adapter;
    private readonly ulong stream;

    public LoraLinear(LinearSlot slot, LoraOptions options, Adapter adapter, Backend device, ulong seed)
        : base(slot.Linear)
    {
        (this.options, this.adapter, stream) = (options, adapter, seed);

        // A random and B zero: at step 0 the product is zero, so the model is exactly the one it started from (section 4.1).
        // A is uniform within ±1/√in, as in the authors' code; the paper says Gaussian.
        A = adapter.Train($"{slot.Path}.lora_A.weight", device.Uniform(new Shape(options.Rank, In), 1 / MathF.Sqrt(In), seed));
        B = adapter.Train($"{slot.Path}.lora_B.weight", device.Zeros(new Shape(Out, options.Rank)));
    }

    /// <summary>A (r, in).</summary>
    public Parameter A { get; }

    /// <summary>B (out, r).</summary>
    public Parameter B { get; }

    public override Tensor Forward(Tensor x, ForwardContext context)
    {
        var y = Inner.Forward(x, context);
        if (!adapter.Enabled)
            return y;
        if (context.Training && options.Dropout > 0)
            x = x.Dropout(options.Dropout, RandomSource.Mix(context.Seed, stream));

        // Scaled where it is narrowest: r numbers a row instead of Out.
        return y + (x.Linear(A.Value) * (options.Scaling * adapter.Scale)).Linear(B.Value);
    }

    /// <summary>(α / r) · B A, (out, in): what a merge adds to W.</summary>
    public Tensor Delta()
    {
        using var off = Gradients.Off();
        var transposed = A.Value.Device.Empty(new Shape(In, options.Rank));
        for (int i = 0; i < options.Rank; i++)
        {
            for (int j = 0; j < In; j++)
                transposed.Row(j)[i] = A.Value.Row(i)[j];
        }
        return B.Value.Linear(transposed) * (options.Scaling * adapter.Scale);
    }
}
