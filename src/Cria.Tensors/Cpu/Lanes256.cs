using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors;

/// <summary>Eight floats: AVX2.</summary>
internal readonly struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref readonly float start, nuint index) => Vector256.LoadUnsafe(in start, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, ref float start, nuint index) => value.StoreUnsafe(ref start, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Splat(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> First(float value) => Vector256.CreateScalar(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Vector256.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AddToExponent(Vector256<float> x, Vector256<float> n) => (x.AsInt32() + (n.AsInt32() << 23)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ZeroUpTo(Vector256<float> bound, Vector256<float> test, Vector256<float> x) =>
        Vector256.AndNot(x, Vector256.LessThanOrEqual(test, bound));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> sum) =>
        Vector256.MultiplyAddEstimate(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AddEight(Vector256<float> numbers, Vector256<float> sum) => sum + numbers;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> v) => Vector128.Sum(v.GetLower() + v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotPairs(Vector256<float> a, Vector256<float> b, Vector256<float> sums)
    {
        if (Avx2.IsSupported)
            return (Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()) + sums.AsInt32()).AsSingle();
        return Vector256.Create(
            Lanes128.DotPairs(a.GetLower(), b.GetLower(), sums.GetLower()), Lanes128.DotPairs(a.GetUpper(), b.GetUpper(), sums.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotPairsFused(Vector256<float> a, Vector256<float> b, Vector256<float> sums) => AvxVnni.IsSupported
        ? AvxVnni.MultiplyWideningAndAdd(sums.AsInt32(), a.AsInt16(), b.AsInt16()).AsSingle()
        : DotPairs(a, b, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FromIntegers(Vector256<float> bits) => Vector256.ConvertToSingle(bits.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadSBytes(ref readonly byte at)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in at)).AsSByte();
        return Vector256.ConvertToSingle(Avx2.IsSupported ? Avx2.ConvertToVector256Int32(bytes) : Widen(Vector128.WidenLower(bytes)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalves(ref readonly byte at)
    {
        var halves = Vector128.LoadUnsafe(in at).AsInt16();
        var bits = ((Avx2.IsSupported ? Avx2.ConvertToVector256Int32(halves) : Widen(halves)) << HalfBits.Shift) & Vector256.Create(HalfBits.Mask);
        var special = Vector256.Equals(bits & Vector256.Create(HalfBits.Exponent), Vector256.Create(HalfBits.Exponent));
        var scaled = bits.AsSingle() * Vector256.Create(HalfBits.Scale);
        return scaled | (special & Vector256.Create(HalfBits.Special)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBFloats(ref readonly byte at)
    {
        var numbers = Vector128.LoadUnsafe(in at).AsInt16();
        return ((Avx2.IsSupported ? Avx2.ConvertToVector256Int32(numbers) : Widen(numbers)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadNibbles(ref readonly byte at, ref readonly float codes, out Vector256<float> low, out Vector256<float> high)
    {
        if (!Avx2.IsSupported)
        {
            Lanes128.LoadNibbles(in at, in codes, out var low0, out var high0);
            Lanes128.LoadNibbles(in Unsafe.Add(ref Unsafe.AsRef(in at), 4), in codes, out var low1, out var high1);
            (low, high) = (Vector256.Create(low0, low1), Vector256.Create(high0, high1));
            return;
        }
        // A permutation knows eight entries: look up in both halves of the book, and let bit 3 choose (as the sign that a blend reads).
        var (first, second) = (Vector256.LoadUnsafe(in codes), Vector256.LoadUnsafe(in codes, 8));
        var bytes = Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in at)).AsByte());
        var upper = bytes >>> 4;
        low = Avx.BlendVariable(
            Avx2.PermuteVar8x32(first, bytes), Avx2.PermuteVar8x32(second, bytes), (bytes << 28).AsSingle());
        high = Avx.BlendVariable(
            Avx2.PermuteVar8x32(first, upper), Avx2.PermuteVar8x32(second, upper), (bytes << 24).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Vector256<float> even, Vector256<float> odd, out Vector256<float> first, out Vector256<float> second)
    {
        if (Avx.IsSupported)
        {
            var (low, high) = (Avx.UnpackLow(even, odd), Avx.UnpackHigh(even, odd));     // 0 1 4 5 and 2 3 6 7
            first = Avx.Permute2x128(low, high, 0x20);
            second = Avx.Permute2x128(low, high, 0x31);
            return;
        }
        Lanes128.Interleave(even.GetLower(), odd.GetLower(), out var a, out var b);
        Lanes128.Interleave(even.GetUpper(), odd.GetUpper(), out var c, out var d);
        (first, second) = (Vector256.Create(a, b), Vector256.Create(c, d));
    }

    private static Vector256<int> Widen(Vector128<short> numbers) =>
        Vector256.Create(Vector128.WidenLower(numbers), Vector128.WidenUpper(numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotSBytes(ref readonly byte bytes, ref readonly short x) =>
        DotSBytes(Vector128.LoadUnsafe(in bytes).AsSByte(), Vector128.LoadUnsafe(in bytes, 16).AsSByte(), in x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotSBytes(Vector128<sbyte> first, Vector128<sbyte> second, ref readonly short x)
    {
        if (!Avx2.IsSupported)
            return Lanes128.DotSBytes(first, second, in x).ToVector256();
        return Vector256.ConvertToSingle(Dot(first, Vector256.LoadUnsafe(in x)) + Dot(second, Vector256.LoadUnsafe(in x, 16)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotBytes(Vector256<byte> bytes, ref readonly short x) =>
        Avx2.IsSupported ? Vector256.ConvertToSingle(DotSplit(bytes, in x)) : Lanes128.DotBytes(bytes, in x).ToVector256();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotBytes(Vector256<byte> bytes, ref readonly short x, float first, float second, Vector256<float> sum)
    {
        if (!Avx2.IsSupported)
            return sum + Lanes128.DotBytes(bytes, in x, first, second, default).ToVector256();
        var scales = Avx.Blend(Vector256.Create(first), Vector256.Create(second), 0xF0);
        return MultiplyAdd(scales, Vector256.ConvertToSingle(DotSplit(bytes, in x)), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> DotNibbles(ref readonly byte first, ref readonly byte second, ref readonly short x, ref readonly int start)
    {
        if (!Avx2.IsSupported)
            return Spread(Lanes128.DotNibbles(in first, in second, in x, in start));
        SplitNibbles(in first, in second, out var low, out var high, out var oddLow, out var oddHigh);
        var even = Avx2.MultiplyAddAdjacent(low, Vector256.LoadUnsafe(in x)) + Avx2.MultiplyAddAdjacent(high, Vector256.LoadUnsafe(in x, 16));
        var odd = Avx2.MultiplyAddAdjacent(oddLow, Vector256.LoadUnsafe(in x, 32)) + Avx2.MultiplyAddAdjacent(oddHigh, Vector256.LoadUnsafe(in x, 48));
        return Vector256.ConvertToSingle(even + odd + Vector256.LoadUnsafe(in start));
    }

    // The nibbles of the even bytes and of the odd ones: those of the first 16 bytes in the lower half of each vector.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SplitNibbles(
        ref readonly byte first, ref readonly byte second, out Vector256<short> low, out Vector256<short> high, out Vector256<short> oddLow, out Vector256<short> oddHigh)
    {
        var pairs = Vector256.Create(Vector128.LoadUnsafe(in first), Vector128.LoadUnsafe(in second)).AsInt16();
        var four = Vector256.Create((short)15);
        (low, high) = (pairs & four, pairs >>> 4 & four);
        (oddLow, oddHigh) = (pairs >>> 8 & four, pairs >>> 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadPair(ref readonly float at) => Vector256.LoadUnsafe(in at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SplatHalves(ref readonly byte first, ref readonly byte second)
    {
        // A half stands in both halves of each number: what is below its own bits is masked away.
        var (a, b) = (Vector256.Create(Unsafe.ReadUnaligned<short>(in first)), Vector256.Create(Unsafe.ReadUnaligned<short>(in second)));
        var twice = Avx2.IsSupported ? Avx2.Blend(a.AsInt32(), b.AsInt32(), 0xF0) : Vector256.Create(a.GetLower(), b.GetUpper()).AsInt32();
        return (twice >> 16 - HalfBits.Shift & Vector256.Create(HalfBits.Mask)).AsSingle();
    }

    // Four lanes, the first two of them of the first of a pair, as eight.
    private static Vector256<float> Spread(Vector128<float> pair) =>
        Vector256.Create(pair[0], pair[1], 0, 0, pair[2], pair[3], 0, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SplatHalf(ref readonly byte at)
    {
        // The half stands in both halves of each number: what is below its own bits is masked away.
        var twice = Vector256.Create(Unsafe.ReadUnaligned<short>(in at)).AsInt32();
        return (twice >> 16 - HalfBits.Shift & Vector256.Create(HalfBits.Mask)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> DotSplit(Vector256<byte> bytes, ref readonly short x)
    {
        var pairs = bytes.AsInt16();
        return Avx2.MultiplyAddAdjacent(pairs & Vector256.Create((short)255), Vector256.LoadUnsafe(in x)) +
            Avx2.MultiplyAddAdjacent(pairs >>> 8, Vector256.LoadUnsafe(in x, 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Dot(Vector128<sbyte> numbers, Vector256<short> x) =>
        Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(numbers), x);
}
