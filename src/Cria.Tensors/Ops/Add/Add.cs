namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Element by element: <c>y = a + b</c>. Both of one shape.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => a.Type == b.Type ? Op.Run(new AddOp(a, b)) : a.Activated() + b.Activated();

    /// <inheritdoc cref="op_Addition"/>
    public static Tensor Add(Tensor a, Tensor b) => a + b;
}

internal sealed class AddOp(Tensor a, Tensor b) : Op(a, b)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        Expect.SameShape("Add", a, b);
        var y = on.Empty(a.Shape, a.Type);
        on.Add(a, b, y);
        return y;
    }

    // da = dy,  db = dy
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(a) is { } da)
            on.Accumulate(da, dy);
        if (GradientOf(b) is { } db)
            on.Accumulate(db, dy);
    }
}

public abstract partial class Backend
{
    /// <summary><c>y = a + b</c>; <paramref name="y"/> may be one of the inputs.</summary>
    internal abstract void Add(Tensor a, Tensor b, Tensor y);

    /// <summary><c>sum += x</c>; the two may have different float types.</summary>
    internal virtual void Accumulate(Tensor sum, Tensor x) => Add(sum, x, sum);
}
