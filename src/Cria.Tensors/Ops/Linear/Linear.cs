namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>A linear layer: <c>y = x Wᵀ</c>, from x (N, in) and W (out, in) to y (N, out).</summary>
    /// <param name="weight">Any storage type, read in place. Only an f32 weight can be trained; a frozen one of any type passes the input's gradient through.</param>
    public Tensor Linear(Tensor weight) => Op.Run(new LinearOp(Activated(), weight));
}

internal sealed class LinearOp(Tensor x, Tensor weight) : Op(x, weight)
{
    internal override IEnumerable<Tensor?> Reads => [weight, weight.RequiresGradient ? x : null];

    protected override Tensor Forward(Backend on)
    {
        Expect.Columns("Linear", $"the columns of x for a weight of {weight.Shape}", weight.Shape.Columns, x);
        var y = on.Empty(x.Shape.WithColumns(weight.Shape.Rows), x.Type);
        on.Linear(x, weight, y);
        return y;
    }

    // dx = dy W,  dW = dyᵀ x
    protected override void Backward(Backend on, Tensor dy) =>
        on.LinearBackward(x, weight, dy, dx: GradientOf(x), dw: GradientOf(weight));
}

public abstract partial class Backend
{
    /// <summary><c>y = x Wᵀ</c>.</summary>
    internal abstract void Linear(Tensor x, Tensor weight, Tensor y);

    /// <summary>Adds <c>dy W</c> into <paramref name="dx"/> and <c>dyᵀ x</c> into <paramref name="dw"/>; a null one is skipped.</summary>
    internal abstract void LinearBackward(Tensor x, Tensor weight, Tensor dy, Tensor? dx, Tensor? dw);
}
