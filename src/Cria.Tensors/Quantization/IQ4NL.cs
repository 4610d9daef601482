using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>iq4_nl: w = d·c[q], a code book of 16 whole numbers, dense in the middle. A block of 32 numbers is d in half precision, then 16 bytes of <see cref="Nibbles"/>.</summary>
internal readonly struct IQ4NL : ISmallBlock
{
    private const int Pairs = 2, Candidates = 9, Refinements = 4;

    public static int Size => 18;

    public static bool HasOffset => false;

    private static Vector128<sbyte> Book => Vector128.Create(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, (sbyte)113);

    private static ReadOnlySpan<float> Codes => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ref readonly byte block, out Vector128<sbyte> first, out Vector128<sbyte> second)
    {
        Nibbles.Split(in Unsafe.Add(ref Unsafe.AsRef(in block), Pairs), out var low, out var high);
        (first, second) = (Vector128.ShuffleNative(Book, low), Vector128.ShuffleNative(Book, high));
    }

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[32];
        float scale = ScaleSearch.WriteScale(Search(from), ref block), inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < codes.Length; i++)
            codes[i] = (sbyte)CodeBook.Nearest(Codes, from[i] * inverse);
        Nibbles.Write(codes, ref Unsafe.Add(ref block, Pairs));
    }

    // As ScaleSearch.Symmetric does it, from scales that put the largest number on either end of the book.
    private static float Search(ReadOnlySpan<float> x)
    {
        float largest = 0, best = 0;
        double bestGain = 0;
        foreach (float number in x)
            largest = Math.Abs(number) > Math.Abs(largest) ? number : largest;
        for (int step = -Candidates; step <= Candidates && largest != 0; step++)
        {
            float scale = largest / (step % 2 == 0 ? Codes[0] - step : Codes[^1] + step);
            for (int i = 0; i <= Refinements; i++)
            {
                var (gain, fit) = Fit(x, 1 / scale);
                if (!(gain > bestGain))
                    break;
                (bestGain, best) = (gain, scale = fit);
            }
        }
        return best;
    }

    private static (double Gain, float Scale) Fit(ReadOnlySpan<float> x, float inverse)
    {
        double qx = 0, qq = 0;
        foreach (float number in x)
        {
            float code = Codes[CodeBook.Nearest(Codes, number * inverse)];
            (qx, qq) = (qx + code * number, qq + code * code);
        }
        return (qx * qx / qq, (float)(qx / qq));
    }
}
