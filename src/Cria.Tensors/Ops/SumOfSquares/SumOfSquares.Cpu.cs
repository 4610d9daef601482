using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override double SumOfSquaresChecked(Tensor x)
    {
        const int Block = 64 * 1024;
        int blocks = checked((int)((x.Shape.Length + Block - 1) / Block));
        var sums = new double[blocks];
        Workers.For(blocks, block =>
        {
            long start = (long)block * Block;
            sums[block] = SumOfSquares(x.Storage.Floats(start, (int)Math.Min(Block, x.Shape.Length - start)));
        });
        double sum = 0;
        foreach (double part in sums)
            sum += part;
        return sum;
    }

    // Short runs in single precision keep the vectors full and the error below that of the squares themselves.
    private static double SumOfSquares(ReadOnlySpan<float> x)
    {
        const int Run = 256;
        double sum = 0;
        for (; x.Length > Run; x = x[Run..])
            sum += TensorPrimitives.SumOfSquares(x[..Run]);
        return sum + TensorPrimitives.SumOfSquares(x);
    }
}
