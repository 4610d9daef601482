namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Looks columns up: from this matrix (r, V), f32, to y (N, r), <c>y[n, i] = matrix[i, ids[n]]</c>.</summary>
    /// <exception cref="ShapeException">An id lies outside of the matrix.</exception>
    public Tensor Columns(int[] ids) => Op.Run(new ColumnsOp(this, ids));
}

internal sealed class ColumnsOp(Tensor matrix, int[] ids) : Op(matrix)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        Expect.Type("Columns", DataType.F32, matrix);
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)matrix.Shape.Columns)
                throw ShapeException.Id("Columns", id, matrix.Shape.Columns);
        }
        var y = on.Empty(new Shape(ids.Length, matrix.Shape.Rows), on.ActivationType);
        on.Columns(matrix, ids, y);
        return y;
    }

    // dmatrix[i, id] = Σ dy[n, i] over the rows n that looked id up
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(matrix) is { } dMatrix)
            on.ColumnsBackward(dy, ids, dMatrix);
    }
}

public abstract partial class Backend
{
    /// <summary><c>y[n, i] = matrix[i, ids[n]]</c>.</summary>
    internal abstract void Columns(Tensor matrix, int[] ids, Tensor y);

    /// <summary><c>dMatrix[i, ids[n]] += dy[n, i]</c>, in the order of n.</summary>
    internal abstract void ColumnsBackward(Tensor dy, int[] ids, Tensor dMatrix);
}
