namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Element by element: <c>y = a · b</c>. Both of one shape.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => a.Type == b.Type ? Op.Run(new MultiplyOp(a, b)) : a.Activated() * b.Activated();

    /// <inheritdoc cref="op_Multiply(Tensor, Tensor)"/>
    public static Tensor Multiply(Tensor a, Tensor b) => a * b;
}

internal sealed class MultiplyOp(Tensor a, Tensor b) : Op(a, b)
{
    internal override IEnumerable<Tensor?> Reads => [b.RequiresGradient ? a : null, a.RequiresGradient ? b : null];

    protected override Tensor Forward(Backend on)
    {
        Expect.SameShape("Multiply", a, b);
        var y = on.Empty(a.Shape, a.Type);
        on.Multiply(a, b, y);
        return y;
    }

    // da = dy · b,  db = dy · a
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(a) is { } da)
            on.MultiplyAdd(dy, b, da);
        if (GradientOf(b) is { } db)
            on.MultiplyAdd(dy, a, db);
    }
}

public abstract partial class Backend
{
    /// <summary><c>y = a · b</c>.</summary>
    internal abstract void Multiply(Tensor a, Tensor b, Tensor y);

    /// <summary><c>y += a · b</c>.</summary>
    internal abstract void MultiplyAdd(Tensor a, Tensor b, Tensor y);
}
