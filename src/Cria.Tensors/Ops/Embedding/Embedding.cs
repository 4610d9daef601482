namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Looks rows up: from this table (V, d) of any storage type to y (N, d), an activation, <c>y[n] = table[ids[n]]</c>.</summary>
    /// <exception cref="ShapeException">An id lies outside of the table.</exception>
    public Tensor Rows(int[] ids) => Op.Run(new EmbeddingOp(this, ids));
}

internal sealed class EmbeddingOp(Tensor table, int[] ids) : Op(table)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)table.Shape.Rows)
                throw ShapeException.Id("Rows", id, table.Shape.Rows);
        }
        var y = on.Empty(new Shape(ids.Length, table.Shape.Columns), on.ActivationType);
        on.Embedding(table, ids, y);
        return y;
    }

    // dtable[id] = Σ dy[n] over the rows n that looked id up
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(table) is { } dTable)
            on.EmbeddingBackward(dy, ids, dTable);
    }
}

public abstract partial class Backend
{
    /// <summary><c>y[n] = table[ids[n]]</c>.</summary>
    internal abstract void Embedding(Tensor table, int[] ids, Tensor y);

    /// <summary><c>dTable[ids[n]] += dy[n]</c>, in the order of n.</summary>
    internal abstract void EmbeddingBackward(Tensor dy, int[] ids, Tensor dTable);
}
