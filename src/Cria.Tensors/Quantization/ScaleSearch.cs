using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>The a and b of w ≈ a·q + b with the least squared error over 16 or 32 numbers, q whole numbers in a range.</summary>
/// <remarks>
/// Scales around the one that just spans the numbers give candidates for the q; for fixed q the best a and b are those of a linear
/// regression, and rounding again with these can only lower the error (Lloyd 1982, "Least squares quantization in PCM").
/// </remarks>
internal static class ScaleSearch
{
    private const int Refinements = 4;

    /// <summary>b = 0, q from −<paramref name="half"/> to <paramref name="half"/> − 1. The scale may be negative: the longer side has one code more.</summary>
    public static float Symmetric(ReadOnlySpan<float> x, int half)
    {
        float largest = Largest(x), best = largest / -half;
        double bestGain = 0;
        for (int step = -9; step <= 9 && largest != 0; step++)
        {
            float scale = largest / -(half + 0.1f * step);
            for (int i = 0; i <= Refinements; i++)
            {
                // With a = Σqx / Σq², the error is Σx² − (Σqx)² / Σq².
                var sums = Sums(x, 1 / scale, 0, -half, half - 1);
                double gain = sums.QX * sums.QX / Math.Max(sums.QQ, 1);
                if (!(gain > bestGain))
                    break;
                (bestGain, best) = (gain, scale = (float)(sums.QX / sums.QQ));
            }
        }
        return best;
    }

    /// <summary>q from 0 to <paramref name="highest"/>; b at most 0 where <paramref name="below"/> says so.</summary>
    public static (float Scale, float Offset) Affine(ReadOnlySpan<float> x, int highest, bool below = false)
    {
        var (lowest, range) = Range(x, below);
        var best = (Scale: range / highest, Offset: lowest);
        if (range == 0)
            return best;
        double bestError = Error(x, best.Scale, best.Offset, 0, highest);
        for (int step = -10; step <= 10; step++)
        {
            float inverse = (highest + 0.1f * step) / range, shift = -lowest * inverse;
            for (int i = 0; i <= Refinements; i++)
            {
                var (fit, error) = Fit(x.Length, Sums(x, inverse, shift, 0, highest), below);
                if (!(error < bestError) || fit.Scale == 0)
                    break;
                (bestError, best) = (error, fit);
                (inverse, shift) = (1 / fit.Scale, -fit.Offset / fit.Scale);
            }
        }
        return best;
    }

    /// <summary>Σ (a·q + b − x)² with the nearest q.</summary>
    public static float Error(ReadOnlySpan<float> x, float scale, float offset, int lowest, int highest)
    {
        ref float start = ref MemoryMarshal.GetReference(x);
        float inverse = Inverse(scale), shift = -offset * inverse;
        var sum = Vector256<float>.Zero;
        for (nuint i = 0; i < (nuint)x.Length; i += 8)
        {
            var number = Vector256.LoadUnsafe(ref start, i);
            var away = Nearest(number, inverse, shift, lowest, highest) * scale + Vector256.Create(offset) - number;
            sum += away * away;
        }
        return Vector256.Sum(sum);
    }

    /// <summary>The nearest q of each number.</summary>
    public static void Round(ReadOnlySpan<float> x, float scale, float offset, int lowest, int highest, Span<sbyte> codes)
    {
        float inverse = Inverse(scale), shift = -offset * inverse;
        for (int i = 0; i < x.Length; i += 8)
        {
            var nearest = Vector256.ConvertToInt32(Nearest(Vector256.Create(x[i..]), inverse, shift, lowest, highest));
            for (int lane = 0; lane < 8; lane++)
                codes[i + lane] = (sbyte)nearest[lane];
        }
    }

    /// <summary>Stores a scale in half precision; what is read back.</summary>
    public static float WriteScale(float scale, ref byte at)
    {
        Unsafe.WriteUnaligned(ref at, (Half)scale);
        return (float)(Half)scale;
    }

    /// <summary>Stores both in half precision, one after the other; what is read back.</summary>
    public static (float Scale, float Offset) WriteScales((float Scale, float Offset) both, ref byte at) =>
        (WriteScale(both.Scale, ref at), WriteScale(both.Offset, ref Unsafe.Add(ref at, 2)));

    private static float Inverse(float scale) => scale == 0 ? 0 : 1 / scale;

    private static float Largest(ReadOnlySpan<float> x)
    {
        float largest = 0;
        foreach (float number in x)
            largest = Math.Abs(number) > Math.Abs(largest) ? number : largest;
        return largest;
    }

    private static (float Lowest, float Range) Range(ReadOnlySpan<float> x, bool below)
    {
        float lowest = below ? 0 : x[0], largest = lowest;
        foreach (float number in x)
            (lowest, largest) = (Math.Min(lowest, number), Math.Max(largest, number));
        return (lowest, largest - lowest);
    }

    // The regression line of x over q, through the origin where it would otherwise meet the axis above.
    private static ((float Scale, float Offset) Fit, double Error) Fit(int count, CodeSums sums, bool below)
    {
        double variance = count * sums.QQ - sums.Q * sums.Q;
        if (variance <= 0)
            return default;
        double scale = (count * sums.QX - sums.Q * sums.X) / variance, offset = (sums.X - scale * sums.Q) / count;
        if (below && offset > 0)
            (scale, offset) = (sums.QX / sums.QQ, 0);
        double error = sums.XX + scale * (scale * sums.QQ - 2 * sums.QX) + offset * (2 * scale * sums.Q - 2 * sums.X + count * offset);
        return (((float)scale, (float)offset), error);
    }

    private static CodeSums Sums(ReadOnlySpan<float> x, float inverse, float shift, int lowest, int highest)
    {
        ref float start = ref MemoryMarshal.GetReference(x);
        var (q, qq, qx) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var (sum, squares) = (Vector256<float>.Zero, Vector256<float>.Zero);
        for (nuint i = 0; i < (nuint)x.Length; i += 8)
        {
            var number = Vector256.LoadUnsafe(ref start, i);
            var code = Nearest(number, inverse, shift, lowest, highest);
            (q, qq, qx) = (q + code, qq + code * code, qx + code * number);
            (sum, squares) = (sum + number, squares + number * number);
        }
        return new CodeSums(Vector256.Sum(q), Vector256.Sum(qq), Vector256.Sum(qx), Vector256.Sum(sum), Vector256.Sum(squares));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Nearest(Vector256<float> x, float inverse, float shift, int lowest, int highest) =>
        Vector256.Min(Vector256.Max(Vector256.Round(x * inverse + Vector256.Create(shift)), Vector256.Create((float)lowest)), Vector256.Create((float)highest));

    private readonly record struct CodeSums(double Q, double QQ, double QX, double X, double XX);
}
