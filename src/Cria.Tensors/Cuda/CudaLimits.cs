using System.Diagnostics;

namespace Cria.Tensors;

/// <summary>What a card can do at most, measured: what our speeds are a share of.</summary>
/// <param name="CopyBytesPerSecond">Copying far more than its cache holds, bytes read and bytes written both counted: the limit of generating token by token.</param>
/// <param name="FlopPerSecond">A large product in bf16, multiplications and additions both counted: the limit of prompts and training.</param>
public readonly record struct CudaLimits(double CopyBytesPerSecond, double FlopPerSecond)
{
    private const int Side = 8192, Numbers = 512 << 20, Repeats = 5, AtOnce = 8;

    /// <summary>Measures both, in less than a second: the best of several passes, on random numbers.</summary>
    public static CudaLimits Measure(CudaBackend card)
    {
        ArgumentNullException.ThrowIfNull(card);
        using var scope = TensorScope.Begin();
        var shape = new Shape(Side, Side);
        var (a, b, y) = (Random(card, shape), Random(card, shape), card.Empty(shape, DataType.BF16));
        double product = Best(card, () => card.Linear(a, b, y)), copy = Best(card, Copying(card));
        return new(2.0 * DataType.BF16.Bytes(Numbers) / copy, 2.0 * Side * Side * Side / product);
    }

    private static Action Copying(CudaBackend card)
    {
        var (from, to) = (card.Empty(new Shape(1, Numbers), DataType.BF16), card.Empty(new Shape(1, Numbers), DataType.BF16));
        return () => card.CopyRows(from, 0, to, 0, 1);
    }

    private static Tensor Random(CudaBackend card, Shape shape) => card.Normal(shape, 1, seed: 1).To(DataType.BF16);

    // Seconds of one pass. Several go in at once, so that waiting for the last costs little.
    private static double Best(CudaBackend card, Action pass)
    {
        pass();
        card.Synchronize();
        double best = double.MaxValue;
        for (int i = 0; i < Repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int k = 0; k < AtOnce; k++)
                pass();
            card.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / AtOnce);
        }
        return best;
    }
}
