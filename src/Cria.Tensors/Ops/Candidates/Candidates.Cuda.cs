using System.Runtime.InteropServices;

namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override RowCandidates[] CandidatesChecked(Tensor x, Tensor scores, CandidateOptions options)
    {
        const int Threads = 1024;
        int rows = x.Shape.Rows, columns = x.Shape.Columns;
        Convert(x, scores);
        int[] starts = new int[rows + 1];
        for (int row = 0; row < rows; row++)
            starts[row + 1] = starts[row] + options.Penalized[row].Length;
        if (options.Penalty != 1 && starts[rows] > 0)
            Launch(
                DataType.F32, "candidates", "penalize", rows, 1, 1, 64, 0,
                scores, Upload(starts), Upload([.. options.Penalized.SelectMany(row => row)]), options.Penalty, columns);

        // For each row its two sums, then the numbers, then their places.
        int each = 2 * sizeof(double) + options.Count * (sizeof(float) + sizeof(int));
        using var found = Temporary((long)rows * each);
        Launch(DataType.F32, "candidates", "largest_of_rows", rows, 1, 1, Threads, 0, scores, options.Count, options.Temperature, found, each, columns);
        RefuseToRecord("numbers for the host");
        byte[] bytes = new byte[rows * each];
        transfer.ToHost(found.Pointer, bytes);
        return [.. Enumerable.Range(0, rows).Select(row => Read(bytes.AsSpan(row * each, each), options.Count))];
    }

    private static RowCandidates Read(ReadOnlySpan<byte> row, int count)
    {
        var sums = MemoryMarshal.Cast<byte, double>(row)[..2];
        var rest = row[(2 * sizeof(double))..];
        return new RowCandidates(
            MemoryMarshal.Cast<byte, int>(rest).Slice(count, count).ToArray(), MemoryMarshal.Cast<byte, float>(rest)[..count].ToArray(), sums[0], sums[1]);
    }
}
