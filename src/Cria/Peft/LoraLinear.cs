using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>One layer with a LoRA: y = W x + s · B A x, and with DoRA y = m ⊙ (W + s · B A) x / ‖W + s · B A‖.</summary>
internal sealed class LoraLinear : AdaptedLinear
{
    private readonly LoraOptions options;
    private readonly Adapter adapter;
    private readonly ulong stream;
    private readonly float scaling;

    private LoraLinear(LinearSlot slot, LoraOptions options, Adapter adapter, Backend device, ulong seed)
        : base(slot.Linear)
    {
        (this.options, this.adapter, stream) = (options, adapter, seed);
        int rank = (int)(LayerPattern.Find(options.RankPattern, slot.Path) ?? options.Rank);
        scaling = options.Scaling(rank, (float)(LayerPattern.Find(options.AlphaPattern, slot.Path) ?? options.Alpha));
        Check(slot, rank);

        // Without an initialisation that says otherwise A is random and B zero: at step 0 the product is zero, so the model is exactly the one it
        // started from (section 4.1).
        var weight = Base(slot.Linear).Weight;
        var (a, b, replaced) = LoraInitialization.Make(options, weight.Value, rank, scaling, seed);
        A = adapter.Train($"{slot.Path}.lora_A.weight", a);
        B = adapter.Train($"{slot.Path}.lora_B.weight", b);
        if (options.LoraBias)
            Bias = adapter.Train($"{slot.Path}.lora_B.bias", device.Zeros(new Shape(Out)));
        if (replaced is not null)
            adapter.Replace(weight, replaced);
        if (LoraExport.IsNeeded(options))
            Initial = (Copy(a), Copy(b));
        if (options.Dora)
            Magnitude = new DoraMagnitude(adapter, slot, this);
    }

    /// <summary>A (r, in).</summary>
    public Parameter A { get; }

    /// <summary>B (out, r).</summary>
    public Parameter B { get; }

    /// <summary>What the product is multiplied by.</summary>
    public float Scaling => scaling * adapter.Scale;

    /// <summary>A and B as they were taken out of the base, where they were.</summary>
    public (Tensor A, Tensor B)? Initial { get; }

    private Parameter? Bias { get; }

    private DoraMagnitude? Magnitude { get; }

    /// <summary>Puts one around the layer in a slot.</summary>
    public static void Attach(Adapter adapter, LinearSlot slot, LoraOptions options, Backend device, ulong seed) =>
        adapter.Wrap(slot, new LoraLinear(slot, options, adapter, device, seed));

    public override Tensor Forward(Tensor x, ForwardContext context)
    {
        if (!adapter.Enabled)
            return Inner.Forward(x, context);
        var dropped = context.Training && options.Dropout > 0
            ? x.Dropout(options.Dropout, context.Seed, stream)
            : x;
        if (Inner is Linear plain && Bias is null && Magnitude is null)
            return x.LinearWithLowRank(plain.Weight.Value, dropped, A.Value, B.Value, Scaling);
        var y = Inner.Forward(x, context);

        // Scaled where it is narrowest: r numbers a row instead of Out.
        var product = (dropped.Linear(A.Value) * Scaling).Linear(B.Value);
        if (Bias is not null)
            product = product.AddRow(Bias.Value * Scaling);
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
        var sum = weight.To(DataType.F32) + B.Value.Linear(Orthonormal.Transpose(A.Value)) * Scaling;
        return Magnitude is null ? sum : Magnitude.Rescaled(sum);
    }

    private static Tensor Copy(Tensor tensor) => tensor.Device.From(tensor.ToArray(), tensor.Shape);

    private void Check(LinearSlot slot, int rank)
    {
        var problems = new Problems();
        problems.Unless(rank <= Math.Min(In, Out), $"rank: {rank} is above what {slot.Path} can have: its weight is {Out} by {In}.");
        if (LoraInitialization.ChangesBase(options.Init))
        {
            problems.Unless(slot.Linear is Linear, $"init: {options.Init} changes the base's weight, and {slot.Path} carries another adapter already: detach it first.");
            var type = Base(slot.Linear).Weight.Value.Type;
            problems.Unless(type.IsFloat, $"init: {options.Init} starts from the full weights, and {slot.Path} is stored as {type}: set base.type to keep, or take another init.");
        }
        problems.ThrowIfAny();
    }
}
