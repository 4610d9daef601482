namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Every element times a number: <c>y = c · x</c>. Of an activation, or an f32 tensor.</summary>
    public static Tensor operator *(Tensor x, float factor) => Op.Run(new ScaleOp(x, factor));

    /// <inheritdoc cref="op_Multiply(Tensor, float)"/>
    public static Tensor operator *(float factor, Tensor x) => x * factor;

    /// <inheritdoc cref="op_Multiply(Tensor, float)"/>
    public static Tensor Multiply(Tensor x, float factor) => x * factor;
}

internal sealed class ScaleOp(Tensor x, float factor) : Op(x)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        Expect.Activation("Scale", x);
        var y = on.Empty(x.Shape, x.Type);
        on.Scale(x, factor, y);
        return y;
    }

    // dx = c · dy
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(x) is { } dx)
            on.ScaleAdd(dy, factor, dx);
    }
}

public abstract partial class Backend
{
    /// <summary><c>y = c · x</c>; <paramref name="y"/> may be <paramref name="x"/>.</summary>
    internal abstract void Scale(Tensor x, float factor, Tensor y);

    /// <summary>The same with a factor that is a scalar of this device.</summary>
    internal virtual void ScaleBy(Tensor x, Tensor factor, Tensor y) => Scale(x, factor.Floats()[0], y);

    /// <summary><c>y += c · x</c>.</summary>
    internal abstract void ScaleAdd(Tensor x, float factor, Tensor y);
}
