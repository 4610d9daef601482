namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>A linear layer: <c>y = x Wᵀ</c>, from x (N, in) and W (out, in) to y (N, out).</summary>
    /// <param name="weight">Any storage type, read in place. Only an f32 weight can be trained; a frozen one of any type passes the input's gradient through.</param>
    public Tensor Linear(Tensor weight) => Op.Run(new LinearOp(Activated(), weight));

    /// <summary>Linear layers of the same x: as <see cref="Linear"/> of each. Without gradients a device may compute all of them as one; the processor brings x into another form only once.</summary>
    /// <param name="weights">Each (out, in), of any storage type.</param>
    public Tensor[] LinearEach(params ReadOnlySpan<Tensor> weights)
    {
        var x = Activated();
        var ys = new Tensor[weights.Length];
        for (int i = 0; i < ys.Length; i++)
            ys[i] = Gradients.Enabled ? x.Linear(weights[i]) : LinearOp.Room(x, weights[i]);
        if (!Gradients.Enabled)
            x.Device.LinearEach(x, weights, ys);
        return ys;
    }
}

internal sealed class LinearOp(Tensor x, Tensor weight) : Op(x, weight)
{
    internal override IEnumerable<Tensor?> Reads => [weight, weight.RequiresGradient ? x : null];

    protected override Tensor Forward(Backend on)
    {
        var y = Room(x, weight);
        on.Linear(x, weight, y);
        return y;
    }

    /// <summary>Where y will be, its numbers not set.</summary>
    public static Tensor Room(Tensor x, Tensor weight)
    {
        if (weight.Device != x.Device)
            throw ShapeException.Device(nameof(LinearOp));
        Expect.Columns("Linear", $"the columns of x for a weight of {weight.Shape}", weight.Shape.Columns, x);
        return x.Device.Empty(x.Shape.WithColumns(weight.Shape.Rows), x.Type);
    }

    // dx = dy W,  dW = dyᵀ x
    protected override void Backward(Backend on, Tensor dy) =>
        on.LinearBackward(x, weight, dy, dx: GradientOf(x), dw: GradientOf(weight));
}

public abstract partial class Backend
{
    /// <summary><c>y = x Wᵀ</c>.</summary>
    internal abstract void Linear(Tensor x, Tensor weight, Tensor y);

    /// <summary>The same for some matrices, none of which is a result of another.</summary>
    internal virtual void LinearEach(Tensor x, ReadOnlySpan<Tensor> weights, ReadOnlySpan<Tensor> ys)
    {
        for (int i = 0; i < weights.Length; i++)
            Linear(x, weights[i], ys[i]);
    }

    /// <summary>Adds <c>dy W</c> into <paramref name="dx"/> and <c>dyᵀ x</c> into <paramref name="dw"/>; a null one is skipped.</summary>
    internal abstract void LinearBackward(Tensor x, Tensor weight, Tensor dy, Tensor? dx, Tensor? dw);
}
