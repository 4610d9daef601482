namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Columns(Tensor matrix, int[] ids, Tensor y) => Workers.For(matrix.Shape.Rows, i =>
    {
        var row = matrix.Row(i);
        for (int n = 0; n < ids.Length; n++)
            y.Row(n)[i] = row[ids[n]];
    });

    // Split over the matrix's rows: two ids may be the same, and their sum must have one order.
    internal override void ColumnsBackward(Tensor dy, int[] ids, Tensor dMatrix)
    {
        dMatrix.Settle();
        Workers.For(dMatrix.Shape.Rows, i =>
        {
            var sum = dMatrix.Row(i);
            for (int n = 0; n < ids.Length; n++)
                sum[ids[n]] += dy.Row(n)[i];
        });
    }
}
