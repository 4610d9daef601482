namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>One row added to every row, as a bias is: <c>y[n] = x[n] + b</c>.</summary>
    /// <param name="row">b (d), f32.</param>
    public Tensor AddRow(Tensor row) => Op.Run(new AddRowOp(Activated(), row));
}

internal sealed class AddRowOp(Tensor x, Tensor row) : Op(x, row)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        Expect.Activation("AddRow", x);
        Expect.Type("AddRow", DataType.F32, row);
        Expect.Columns("AddRow", "the columns of x for its row", row.Shape.Length, x);
        var y = on.Empty(x.Shape, x.Type);
        on.AddRow(x, row, y);
        return y;
    }

    // dx = dy,  db = Σ over rows of dy
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(x) is { } dx)
            on.Accumulate(dx, dy);
        if (GradientOf(row) is { } dRow)
            on.AddRowBackward(dy, dRow);
    }
}

public abstract partial class Backend
{
    /// <summary><c>y[n] = x[n] + b</c>.</summary>
    internal abstract void AddRow(Tensor x, Tensor row, Tensor y);

    /// <summary><c>dRow += Σ dy[n]</c>.</summary>
    internal abstract void AddRowBackward(Tensor dy, Tensor dRow);
}
