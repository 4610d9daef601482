namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Element by element: <c>y = tanh(x)</c>. Of an activation, or an f32 tensor.</summary>
    public Tensor Tanh() => Op.Run(new TanhOp(this));
}

internal sealed class TanhOp(Tensor x) : Op(x)
{
    internal override IEnumerable<Tensor?> Reads => [Output];

    protected override Tensor Forward(Backend on)
    {
        Expect.Activation("Tanh", x);
        var y = on.Empty(x.Shape, x.Type);
        on.Tanh(x, y);
        return y;
    }

    // dx = dy · (1 − y²)
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(x) is { } dx)
            on.TanhBackward(Output, dy, dx);
    }
}

public abstract partial class Backend
{
    /// <summary><c>y = tanh(x)</c>.</summary>
    internal abstract void Tanh(Tensor x, Tensor y);

    /// <summary><c>dx += dy · (1 − y²)</c>.</summary>
    internal abstract void TanhBackward(Tensor y, Tensor dy, Tensor dx);
}
