namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Root-mean-square normalisation over the last axis: <c>y = x · r · w</c>, <c>r = 1 / √(mean(x²) + ε)</c>.</summary>
    /// <remarks>Zhang and Sennrich 2019, <see href="https://arxiv.org/abs/1910.07467"/>, equation 4; ε as in LLaMA.</remarks>
    /// <param name="weight">w (d), f32.</param>
    /// <param name="epsilon">ε.</param>
    public Tensor RmsNorm(Tensor weight, float epsilon) => Op.Run(new RmsNormOp(Activated(), weight, epsilon));
}

internal sealed class RmsNormOp(Tensor x, Tensor weight, float epsilon) : Op(x, weight)
{
    private Tensor r = null!;   // one number per row, kept for Backward: cheaper than keeping the normalised rows

    internal override IEnumerable<Tensor?> Reads => [x, weight, r];

    protected override Tensor Forward(Backend on)
    {
        Expect.Activation("RmsNorm", x);
        Expect.Type("RmsNorm", DataType.F32, weight);
        Expect.Columns("RmsNorm", "the columns of x for its weight", weight.Shape.Length, x);
        var y = on.Empty(x.Shape, x.Type);
        r = on.Empty(new Shape(x.Shape.Rows));
        on.RmsNorm(x, weight, epsilon, y, r);
        return y;
    }

    // Write n = x·r, g = dy·w, and mean() over one row:
    //   dw = Σ over rows of dy·n
    //   dx = r · (g − n · mean(g·n))
    protected override void Backward(Backend on, Tensor dy) =>
        on.RmsNormBackward(x, weight, r, dy, dx: GradientOf(x), dw: GradientOf(weight));
}

public abstract partial class Backend
{
    internal abstract void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor r);

    /// <summary>Adds into <paramref name="dx"/> and <paramref name="dw"/>; a null one is skipped.</summary>
    internal abstract void RmsNormBackward(Tensor x, Tensor weight, Tensor r, Tensor dy, Tensor? dx, Tensor? dw);
}
