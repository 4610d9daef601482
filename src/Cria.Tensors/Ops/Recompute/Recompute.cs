namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>
    /// <c>y = f(x)</c>, keeping only y: the backward pass computes f a second time. A third more work, and of a deep model only the borders
    /// between its blocks stay in memory.
    /// </summary>
    /// <remarks>Chen et al. 2016, <see href="https://arxiv.org/abs/1604.06174"/>. Results are those without it, bit for bit.</remarks>
    /// <param name="x">The only tensor with a gradient that f gets from outside, parameters aside.</param>
    /// <param name="function">f: must compute the same both times, so any randomness in it comes from a fixed seed.</param>
    /// <param name="parks">Whether x waits in host memory for the backward pass, where the device has memory of its own. Nobody else may read x then.</param>
    public static Tensor Recompute(Tensor x, Func<Tensor, Tensor> function, bool parks = false) => Op.Run(new RecomputeOp(x, function, parks));
}

internal sealed class RecomputeOp(Tensor x, Func<Tensor, Tensor> function, bool parks) : Op(x)
{
    private bool wantsGradient;     // of x, or of a parameter that only the function knows

    internal override IEnumerable<Tensor?> Reads => [x];

    protected override bool WantsGradient() => wantsGradient;

    protected override Tensor Forward(Backend on)
    {
        using var inner = TensorScope.Begin();
        var made = function(x);
        wantsGradient = made.RequiresGradient;
        var y = inner.Keep(on.Empty(made.Shape, made.Type));
        on.CopyRows(made, 0, y, 0, y.Shape.Rows);
        if (parks && wantsGradient)
            x.Park();
        return y;
    }

    protected override void Backward(Backend on, Tensor dy)
    {
        using var inner = TensorScope.Begin();
        using var recording = Gradients.On();
        x.BringBack();
        function(x).Backward(dy);
    }
}
