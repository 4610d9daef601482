using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>One layer with a LoRA: y = W x + s · B A x, and with DoRA y = m ⊙ (W + s · B A) x / ‖W + s · B A‖.</summary>
internal sealed class LoraLinear : AdaptedLinear
{
    private readonly LoraOptions options;
    private readonly Adapter adapter;
    private readonly ulong stream;

    private LoraLinear(LinearSlot slot, LoraOptions options, Adapter adapter, Backend device, ulong seed)
        : base(slot.Linear)
    {
        (this.options, this.adapter, stream) = (options, adapter, seed);

        // A random and B zero: at step 0 the product is zero, so the model is exactly the one it started from (section 4.1).
        // A is uniform within ±1/√in, as in the authors' code; the paper says Gaussian.
        A = adapter.Train($"{slot.Path}.lora_A.weight", device.Uniform(new Shape(options.Rank, In), 1 / MathF.Sqrt(In), seed));
        B = adapter.Train($"{slot.Path}.lora_B.weight", device.Zeros(new Shape(Out, options.Rank)));
        if (options.Dora)
            Magnitude = new DoraMagnitude(adapter, slot, this);
    }

    /// <summary>A (r, in).</summary>
    public Parameter A { get; }

    /// <summary>B (out, r).</summary>
    public Parameter B { get; }

    /// <summary>What the product is multiplied by.</summary>
    public float Scaling => options.Scaling * adapter.Scale;

    private DoraMagnitude? Magnitude { get; }

    /// <summary>Puts one around every layer that is meant.</summary>
    public static void Attach(Adapter adapter, LlamaModel model, LoraOptions options, ulong seed)
    {
        foreach (var slot in options.Targets.Select(model))
        {
            var lora = new LoraLinear(slot, options, adapter, model.Device, RandomSource.Mix(seed, (ulong)adapter.Trained.Count));
            slot.Replace(lora);
            adapter.OnDetach(() => lora.RemoveFrom(slot));
        }
    }

    public override Tensor Forward(Tensor x, ForwardContext context)
    {
        var y = Inner.Forward(x, context);
        if (!adapter.Enabled)
            return y;
        var dropped = context.Training && options.Dropout > 0
            ? x.Dropout(options.Dropout, RandomSource.Mix(context.Seed, stream))
            : x;

        // Scaled where it is narrowest: r numbers a row instead of Out.
        var product = (dropped.Linear(A.Value) * Scaling).Linear(B.Value);
        if (Magnitude is null)
            return y + product;
        if (dropped == x)
            return Magnitude.Apply(y + product, context);

        // The rescaled part of the base sees what the product sees (peft does the same): y + (g − 1) W x′ + g s B A x′.
        var seen = Inner.Forward(dropped, context);
        return y + seen * -1 + Magnitude.Apply(seen + product, context);
    }

    /// <summary>W + s · B A, and with DoRA each row brought to its magnitude: (out, in), f32.</summary>
    public Tensor Merged(Tensor weight)
    {
        using var off = Gradients.Off();
        var transposed = A.Value.Device.Empty(new Shape(In, options.Rank));
        for (int i = 0; i < options.Rank; i++)
        {
            for (int j = 0; j < In; j++)
                transposed.Row(j)[i] = A.Value.Row(i)[j];
        }
        var sum = weight.To(DataType.F32) + B.Value.Linear(transposed) * Scaling;
        return Magnitude is null ? sum : Magnitude.Rescaled(sum);
    }
}
