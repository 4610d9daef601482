using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void AddRow(Tensor x, Tensor row, Tensor y) =>
        ForRows(x.Shape.Rows, x.Shape.Columns, n => TensorPrimitives.Add<float>(x.Row(n), row.Floats(), y.Row(n)));

    internal override void AddRowBackward(Tensor dy, Tensor dRow)
    {
        dRow.Settle();
        ForColumns(dy.Shape.Columns, (start, count) =>
        {
            var sum = dRow.Floats().Slice(start, count);
            for (int n = 0; n < dy.Shape.Rows; n++)
                TensorPrimitives.Add(sum, dy.Row(n).Slice(start, count), sum);
        });
    }
}
