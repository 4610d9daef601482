namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Every column times its factor: <c>y[n, c] = s[⌊c / w⌋] · x[n, c]</c>, where a factor stands for w neighbouring columns.</summary>
    /// <remarks>With as many factors as columns w is 1. With one for each head, w is the size of a head.</remarks>
    /// <param name="factors">s, f32; their number divides the columns.</param>
    public Tensor ScaleColumns(Tensor factors) => Op.Run(new ScaleColumnsOp(Activated(), factors));
}

internal sealed class ScaleColumnsOp(Tensor x, Tensor factors) : Op(x, factors)
{
    internal override IEnumerable<Tensor?> Reads => [x.RequiresGradient ? factors : null, factors.RequiresGradient ? x : null];

    protected override Tensor Forward(Backend on)
    {
        ArgumentNullException.ThrowIfNull(factors);
        Expect.Activation("ScaleColumns", x);
        Expect.Type("ScaleColumns", DataType.F32, factors);
        int columns = x.Shape.Columns;
        Expect.SameLength("ScaleColumns", $"what is left of {columns} columns over {factors.Shape.Length} factors", 0, columns % Math.Max(1, factors.Shape.Length));
        var y = on.Empty(x.Shape, x.Type);
        on.ScaleColumns(x, factors, y);
        return y;
    }

    // dx = s · dy,  ds = Σ over rows and the factor's columns of dy · x
    protected override void Backward(Backend on, Tensor dy) =>
        on.ScaleColumnsBackward(x, factors, dy, dx: GradientOf(x), dFactors: GradientOf(factors));
}

public abstract partial class Backend
{
    /// <summary><c>y[n, c] = s[⌊c / w⌋] · x[n, c]</c>.</summary>
    internal abstract void ScaleColumns(Tensor x, Tensor factors, Tensor y);

    /// <summary>Adds into <paramref name="dx"/> and <paramref name="dFactors"/>; a null one is skipped.</summary>
    internal abstract void ScaleColumnsBackward(Tensor x, Tensor factors, Tensor dy, Tensor? dx, Tensor? dFactors);
}
