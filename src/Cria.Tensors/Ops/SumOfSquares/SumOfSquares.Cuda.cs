using System.Runtime.InteropServices;

namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int SumThreads = 256, SumRun = 1024, MostSums = 512;

    internal override double SumOfSquaresChecked(Tensor x)
    {
        int count = (int)Math.Clamp((x.Shape.Length + SumRun - 1) / SumRun, 1, MostSums);
        using var parts = Temporary((count + 1) * sizeof(double));
        nint total = parts.Pointer + count * sizeof(double);
        Launch(DataType.F32, "sums", "sum_of_squares", count, 1, 1, SumThreads, 0, x, parts, x.Shape.Length);
        Launch(DataType.F32, "sums", "sum_doubles", 1, 1, 1, SumThreads, 0, parts, count, total);
        double sum = 0;
        transfer.ToHost(total, MemoryMarshal.AsBytes(new Span<double>(ref sum)));
        return sum;
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
