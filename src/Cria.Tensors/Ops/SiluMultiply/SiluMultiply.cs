namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>The gate of SwiGLU: <c>y = silu(g) · u</c>, <c>silu(g) = g · σ(g)</c>. Both of one shape, activations.</summary>
    /// <remarks>Shazeer 2020, <see href="https://arxiv.org/abs/2002.05202"/>, equation 6, without its three products.</remarks>
    public static Tensor SiluMultiply(Tensor gate, Tensor up) => Op.Run(new SiluMultiplyOp(gate.Activated(), up.Activated()));
}

internal sealed class SiluMultiplyOp(Tensor gate, Tensor up) : Op(gate, up)
{
    internal override IEnumerable<Tensor?> Reads => [gate, up];

    protected override Tensor Forward(Backend on)
    {
        Expect.SameShape("SiluMultiply", gate, up);
        var y = on.Empty(gate.Shape, gate.Type);
        on.SiluMultiply(gate, up, y);
        return y;
    }

    // Write s = σ(g):
    //   dg = dy · u · s · (1 + g · (1 − s))
    //   du = dy · g · s
    protected override void Backward(Backend on, Tensor dy) =>
        on.SiluMultiplyBackward(gate, up, dy, dGate: GradientOf(gate), dUp: GradientOf(up));
}

public abstract partial class Backend
{
    internal abstract void SiluMultiply(Tensor gate, Tensor up, Tensor y);

    /// <summary>Adds into <paramref name="dGate"/> and <paramref name="dUp"/>; a null one is skipped.</summary>
    internal abstract void SiluMultiplyBackward(Tensor gate, Tensor up, Tensor dy, Tensor? dGate, Tensor? dUp);
}
