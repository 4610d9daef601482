namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>The rows of one tensor, then those of another: from (N, d) and (M, d) to (N + M, d), an activation.</summary>
    public static Tensor Concatenate(Tensor first, Tensor second) => Op.Run(new ConcatenateOp(first.Activated(), second.Activated()));
}

internal sealed class ConcatenateOp(Tensor first, Tensor second) : Op(first, second)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        int rows = first.Shape.Rows;
        var y = on.Empty(new Shape(rows + second.Shape.Rows, first.Shape.Columns), first.Type);
        on.CopyRows(first, 0, y, 0, rows);
        on.CopyRows(second, 0, y, rows, second.Shape.Rows);
        return y;
    }

    // Each gets the rows of dy that were its own.
    protected override void Backward(Backend on, Tensor dy)
    {
        AddRows(on, dy, 0, GradientOf(first));
        AddRows(on, dy, first.Shape.Rows, GradientOf(second));
    }

    private static void AddRows(Backend on, Tensor dy, int start, Tensor? gradient)
    {
        if (gradient is null)
            return;
        var own = on.Empty(gradient.Shape, gradient.Type);
        on.CopyRows(dy, start, own, 0, gradient.Shape.Rows);
        on.Accumulate(gradient, own);
    }
}
