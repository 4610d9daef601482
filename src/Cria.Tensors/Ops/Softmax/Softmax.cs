namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Over the last axis: <c>yᵢ = exp(xᵢ − m) / Σ exp(xⱼ − m)</c>, m the largest x of the row. Of an activation, or an f32 tensor.</summary>
    public Tensor Softmax() => Op.Run(new SoftmaxOp(this));
}

internal sealed class SoftmaxOp(Tensor x) : Op(x)
{
    internal override IEnumerable<Tensor?> Reads => [Output];

    protected override Tensor Forward(Backend on)
    {
        Expect.Activation("Softmax", x);
        var y = on.Empty(x.Shape, x.Type);
        on.Softmax(x, y);
        return y;
    }

    // dx = y · (dy − Σ over the row of dy·y)
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(x) is { } dx)
            on.SoftmaxBackward(Output, dy, dx);
    }
}

public abstract partial class Backend
{
    internal abstract void Softmax(Tensor x, Tensor y);

    internal abstract void SoftmaxBackward(Tensor y, Tensor dy, Tensor dx);
}
