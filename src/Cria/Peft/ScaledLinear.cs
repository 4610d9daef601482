using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>y = s ⊙ (W x + b), or y = W (s ⊙ x) + b, or y = W x + b: a layer whose weight is frozen.</summary>
internal sealed class ScaledLinear : AdaptedLinear
{
    public const string ScaleName = "adapter_scale", BiasName = "adapter_bias";

    public const string Output = "output", Input = "input", None = "none";

    public static readonly string[] Positions = [Output, Input, None];

    private readonly Adapter adapter;
    private readonly string position;
    private readonly Parameter? factors;
    private readonly Parameter bias;

    private ScaledLinear(Adapter adapter, LinearSlot slot, string position, Backend device)
        : base(slot.Linear)
    {
        (this.adapter, this.position) = (adapter, position);

        // s = 1 and b = 0: a fresh one changes nothing.
        if (position != None)
            factors = adapter.Train($"{slot.Path}.{ScaleName}", Ones(device, position == Input ? In : Out));
        bias = adapter.Train($"{slot.Path}.{BiasName}", device.Zeros(new Shape(Out)));
    }

    /// <summary>Puts one around the layer in a slot.</summary>
    public static void Attach(Adapter adapter, LinearSlot slot, string position, Backend device)
    {
        var scaled = new ScaledLinear(adapter, slot, position, device);
        slot.Replace(scaled);
        adapter.OnDetach(() => scaled.RemoveFrom(slot));
    }

    public override Tensor Forward(Tensor x, ForwardContext context)
    {
        if (!adapter.Enabled)
            return Inner.Forward(x, context);
        if (position == Input)
            x = x.ScaleColumns(Factors());
        var y = Inner.Forward(x, context).AddRow(adapter.Scale == 1 ? bias.Value : bias.Value * adapter.Scale);
        return position == Output ? y.ScaleColumns(Factors()) : y;
    }

    // With the adapter weighed by a: 1 + a (s − 1).
    private Tensor Factors()
    {
        var s = factors!.Value;
        return adapter.Scale == 1 ? s : s * adapter.Scale + Ones(s.Device, s.Shape.Columns) * (1 - adapter.Scale);
    }

    private static Tensor Ones(Backend device, int count) => device.From(Enumerable.Repeat(1f, count).ToArray(), new Shape(count));
}
