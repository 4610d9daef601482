using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>32 activations as 16-bit integers with a scale, x = s · n, so that products with small integer weights run in integers.</summary>
/// <remarks>
/// The error is at most max|x| / 65,534, five hundred times less than that of an 8-bit weight. It doubles the speed against floats:
/// twice as many numbers fit a vector, and one instruction multiplies and adds pairs.
/// In 32 floats: the shorts fill the first 16, then follow s · 2¹¹², as <see cref="HalfBits.ReadSmall"/> wants it, and s · Σ n where it
/// is asked for; the rest is unused.
/// </remarks>
internal static class WideActivations
{
    public const int Length = 32;

    private const int ScaleAt = 16, SumAt = 17, ScalesAt = 32, CorrectionsAt = 40, StartsAt = 17, SumsAt = 19;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged) =>
        arranged[ScaleAt] = Round(x, MemoryMarshal.Cast<float, short>(arranged)) * HalfBits.Scale;

    /// <summary>With s · Σ n, for weights that have an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ArrangeWithSum(ReadOnlySpan<float> x, Span<float> arranged)
    {
        var numbers = MemoryMarshal.Cast<float, short>(arranged)[..Length];
        float scale = Round(x, numbers);
        arranged[ScaleAt] = scale * HalfBits.Scale;
        arranged[SumAt] = scale * Sum(numbers);
    }

    /// <summary>32 activations for weights of which eight rows lie side by side, in their order, for codes less <paramref name="middle"/>.</summary>
    /// <remarks>In 32 floats: the shorts fill the first 16; then s; then for each part, of which there are one or two, −m · Σ n; then s · Σ n of each.</remarks>
    public static void ArrangeParts(ReadOnlySpan<float> x, int part, int middle, Span<float> arranged)
    {
        var numbers = MemoryMarshal.Cast<float, short>(arranged)[..Length];
        float scale = Round(x, numbers);
        arranged[ScaleAt] = scale;
        for (int i = 0; i < Length / part; i++)
        {
            int sum = Sum(numbers.Slice(i * part, part));
            arranged[StartsAt + i] = BitConverter.Int32BitsToSingle(-middle * sum);
            arranged[SumsAt + i] = scale * sum;
        }
    }

    /// <summary>Two times 32 activations as <see cref="ILanes{TVector}.DotNibbles"/> takes them, for codes less <paramref name="middle"/>.</summary>
    /// <remarks>In 64 floats: the shorts fill the first 32; then four times the one scale and four times the other; then −m · Σ n of each, and three zeros.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ArrangePair(ReadOnlySpan<float> x, int middle, Span<float> arranged)
    {
        var numbers = MemoryMarshal.Cast<float, short>(arranged)[..(2 * Length)];
        var corrections = MemoryMarshal.Cast<float, int>(arranged).Slice(CorrectionsAt, 8);
        corrections.Clear();
        for (int i = 0; i < 2; i++)
        {
            var half = numbers.Slice(i * Length, Length);
            arranged.Slice(ScalesAt + 4 * i, 4).Fill(Round(x.Slice(i * Length, Length), half) * HalfBits.Scale);
            corrections[4 * i] = -middle * Sum(half);
            Split(half);
        }
        SplitPair(numbers);
    }

    /// <summary>Two runs of 32 that <see cref="Split"/> left, eight numbers of each by turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplitPair(Span<short> numbers)
    {
        ref short start = ref MemoryMarshal.GetReference(numbers[..(2 * Length)]);
        var (a0, a1, a2, a3) = (Vector128.LoadUnsafe(ref start), Vector128.LoadUnsafe(ref start, 8), Vector128.LoadUnsafe(ref start, 16), Vector128.LoadUnsafe(ref start, 24));
        var (b0, b1, b2, b3) = (Vector128.LoadUnsafe(ref start, 32), Vector128.LoadUnsafe(ref start, 40), Vector128.LoadUnsafe(ref start, 48), Vector128.LoadUnsafe(ref start, 56));
        Vector256.Create(a0, b0).StoreUnsafe(ref start);
        Vector256.Create(a1, b1).StoreUnsafe(ref start, 16);
        Vector256.Create(a2, b2).StoreUnsafe(ref start, 32);
        Vector256.Create(a3, b3).StoreUnsafe(ref start, 48);
    }

    /// <summary>Writes n of 32 numbers and returns s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Round(ReadOnlySpan<float> x, Span<short> rounded)
    {
        ref float start = ref MemoryMarshal.GetReference(x[..Length]);
        ref short numbers = ref MemoryMarshal.GetReference(rounded[..Length]);

        // Without their signs floats are ordered as their bits are, and NaN and infinity come last: they become the scale, and so the result.
        var magnitude = Vector256.Create(0x7FFF_FFFF);
        var bits = Vector256<int>.Zero;
        for (nuint i = 0; i < Length; i += 8)
            bits = Vector256.Max(bits, Vector256.LoadUnsafe(ref start, i).AsInt32() & magnitude);
        var four = Vector128.Max(bits.GetLower(), bits.GetUpper());
        float largest = BitConverter.Int32BitsToSingle(Math.Max(Math.Max(four[0], four[1]), Math.Max(four[2], four[3])));

        var inverse = Vector256.Create(largest == 0 ? 0 : short.MaxValue / largest);
        for (nuint i = 0; i < Length; i += 16)
        {
            var low = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.LoadUnsafe(ref start, i) * inverse));
            var high = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.LoadUnsafe(ref start, i + 8) * inverse));
            Vector256.Narrow(low, high).StoreUnsafe(ref numbers, i);
        }
        return largest / short.MaxValue;
    }

    /// <summary>32 numbers put into another order: the 16 of even index, then the others. A vector of bytes is taken apart so by a mask and a shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(Span<short> numbers)
    {
        ref uint pairs = ref Unsafe.As<short, uint>(ref MemoryMarshal.GetReference(numbers[..Length]));
        var (first, second) = (Vector256.LoadUnsafe(ref pairs), Vector256.LoadUnsafe(ref pairs, 8));
        var low = Vector256.Create(0xFFFFu);
        Vector256.Narrow(first & low, second & low).AsUInt32().StoreUnsafe(ref pairs);
        Vector256.Narrow(first >>> 16, second >>> 16).AsUInt32().StoreUnsafe(ref pairs, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(ReadOnlySpan<short> numbers)
    {
        var sum = Vector128<int>.Zero;
        for (int i = 0; i < numbers.Length; i += 8)
        {
            var eight = Vector128.LoadUnsafe(in numbers[i]);
            sum += Vector128.WidenLower(eight) + Vector128.WidenUpper(eight);
        }
        return Vector128.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly short Numbers(ref readonly float arranged) => ref Unsafe.As<float, short>(ref Unsafe.AsRef(in arranged));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(ref readonly float arranged) => Unsafe.Add(ref Unsafe.AsRef(in arranged), ScaleAt);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(ref readonly float arranged) => Unsafe.Add(ref Unsafe.AsRef(in arranged), SumAt);

    /// <summary>Of a pair: the scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly float Scales(ref readonly float arranged) => ref Unsafe.Add(ref Unsafe.AsRef(in arranged), ScalesAt);

    /// <summary>Of a pair: what the sums begin with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly int Corrections(ref readonly float arranged) =>
        ref Unsafe.As<float, int>(ref Unsafe.Add(ref Unsafe.AsRef(in arranged), CorrectionsAt));

    /// <summary>Of parts: what the sum of a part begins with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> PartStart(ref readonly float arranged, nuint part) =>
        Vector256.Create(Unsafe.As<float, int>(ref Unsafe.Add(ref Unsafe.AsRef(in arranged), StartsAt + part)));

    /// <summary>Of parts: s · Σ n.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PartSum(ref readonly float arranged, nuint part) =>
        Vector256.Create(Unsafe.Add(ref Unsafe.AsRef(in arranged), SumsAt + part));
}
