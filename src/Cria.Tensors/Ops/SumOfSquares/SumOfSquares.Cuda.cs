using System.Runtime.InteropServices;

namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int SumThreads = 256, SumRun = 1024, MostSums = 512;

    internal override double SumOfSquaresChecked(Tensor x) => SumsOfSquares([x]).First();

    // The card is waited for once, however many there are.
    internal override IEnumerable<double> SumsOfSquares(IReadOnlyList<Tensor> tensors)
    {
        using var parts = Temporary(MostSums * sizeof(double));
        using var totals = Temporary(Math.Max(1, tensors.Count) * sizeof(double));
        for (int i = 0; i < tensors.Count; i++)
        {
            var x = tensors[i];
            int count = (int)Math.Clamp((x.Shape.Length + SumRun - 1) / SumRun, 1, MostSums);
            Launch(DataType.F32, "sums", "sum_of_squares", count, 1, 1, SumThreads, 0, x, parts, x.Shape.Length);
            Launch(DataType.F32, "sums", "sum_doubles", 1, 1, 1, SumThreads, 0, parts, count, totals.Pointer + i * sizeof(double));
        }
        double[] sums = new double[tensors.Count];
        transfer.ToHost(totals.Pointer, MemoryMarshal.AsBytes(sums.AsSpan()));
        return sums;
    }

    internal override void Sum(Tensor x, float scale, Tensor y) => Launch(DataType.F32, "sums", "sum", 1, 1, 1, SumThreads, 0, x, scale, y, x.Shape.Length);

    // Σ over the rows of x of something for each column, added into y: parts of the rows first, then the parts in their order. A number of y may
    // stand for several columns.
    private void SumOverRows(Tensor x, Tensor y, Action<TemporaryMemory, int, int, int> launchParts)
    {
        const int LeastRows = 32, MostParts = 64;
        int rows = x.Shape.Rows, columns = x.Shape.Columns, length = (int)y.Shape.Length;
        int rowsOfPart = Math.Max(LeastRows, (rows + MostParts - 1) / MostParts), parts = (rows + rowsOfPart - 1) / rowsOfPart;
        using var sums = Temporary((long)Math.Max(1, parts) * columns * sizeof(float));
        launchParts(sums, rowsOfPart, Blocks(columns, RowThreads), parts);
        Launch(DataType.F32, "sums", "sum_parts", Blocks(length, SumThreads), 1, 1, SumThreads, 0, sums, y, parts, length, columns / length, y.Adds());
    }
}
