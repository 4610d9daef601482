using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Embedding(Tensor table, int[] ids, Tensor y) => ForRows(ids.Length, y.Shape.Columns, row =>
        table.Type.Format.Read(table.Storage, (long)ids[row] * table.Shape.Columns, y.Row(row)));

    // Split over columns: two rows may look the same id up, and their sum must have one order.
    internal override void EmbeddingBackward(Tensor dy, int[] ids, Tensor dTable)
    {
        dTable.Settle();
        ForColumns(dy.Shape.Columns, (start, count) =>
        {
            for (int n = 0; n < ids.Length; n++)
            {
                var sum = dTable.Row(ids[n]).Slice(start, count);
                TensorPrimitives.Add(sum, dy.Row(n).Slice(start, count), sum);
            }
        });
    }

    /// <summary>Splits work over rows, several short rows to a part.</summary>
    private void ForRows(int rows, int columns, Action<int> body)
    {
        int each = Math.Max(1, 4096 / Math.Max(1, columns));
        Workers.For((rows + each - 1) / each, part =>
        {
            for (int row = part * each; row < Math.Min(rows, (part + 1) * each); row++)
                body(row);
        });
    }

    /// <summary>Splits a sum over rows by its columns: a kilobyte of each row to a part.</summary>
    private void ForColumns(int columns, Action<int, int> body)
    {
        const int Chunk = 256;
        Workers.For((columns + Chunk - 1) / Chunk, part => body(part * Chunk, Math.Min(Chunk, columns - part * Chunk)));
    }
}
