namespace Cria.Tensors;

public abstract partial class Backend
{
    /// <summary>Copies rows of one tensor into another one of the same columns, of the same type or one of <see cref="CacheTypes"/>. Not part of the gradient.</summary>
    /// <exception cref="ShapeException">The columns differ, or the rows lie outside.</exception>
    public void CopyRows(Tensor from, int fromRow, Tensor to, int toRow, int rows)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        Expect.Cached("CopyRows", from);
        ExpectTakesRows("CopyRows", from, to);
        Expect.Range("CopyRows", "rows of the source", fromRow, rows, from.Shape.Rows);
        Expect.Range("CopyRows", "rows of the target", toRow, rows, to.Shape.Rows);
        CopyRowsChecked(from, fromRow, to, toRow, rows);
    }

    private void ExpectTakesRows(string op, Tensor from, Tensor to)
    {
        if (from.Type != DataType.F32 || !CacheTypes.Contains(to.Type))
            Expect.Type(op, from.Type, to);
        Expect.Columns(op, "the columns of the target", from.Shape.Columns, to);
    }

    internal abstract void CopyRowsChecked(Tensor from, int fromRow, Tensor to, int toRow, int rows);
}
