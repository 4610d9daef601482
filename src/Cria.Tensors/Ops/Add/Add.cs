namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Element by element: <c>y = a + b</c>. Both of one shape, f32.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => Op.Run(new AddOp(a, b));

    /// <inheritdoc cref="op_Addition"/>
    public static Tensor Add(Tensor a, Tensor b) => a + b;
}

internal sealed class AddOp(Tensor a, Tensor b) : Op(a, b)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        Expect.SameShape("Add", a, b);
        var y = on.Empty(a.Shape);
        on.Add(a, b, y);
        return y;
    }

    // da = dy,  db = dy
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(a) is { } da)
            on.Add(da, dy, da);
        if (GradientOf(b) is { } db)
            on.Add(db, dy, db);
    }
}

public abstract partial class Backend
{
    /// <summary><c>y = a + b</c>; <paramref name="y"/> may be one of the inputs.</summary>
    internal abstract void Add(Tensor a, Tensor b, Tensor y);
}
