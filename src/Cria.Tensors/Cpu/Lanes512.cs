using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors;

/// <summary>Sixteen floats: AVX-512.</summary>
internal readonly struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref readonly float start, nuint index) => Vector512.LoadUnsafe(in start, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, ref float start, nuint index) => value.StoreUnsafe(ref start, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Splat(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> First(float value) => Vector512.CreateScalar(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> a, Vector512<float> b) => Vector512.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AddToExponent(Vector512<float> x, Vector512<float> n) => (x.AsInt32() + (n.AsInt32() << 23)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ZeroUpTo(Vector512<float> bound, Vector512<float> test, Vector512<float> x) =>
        Vector512.AndNot(x, Vector512.LessThanOrEqual(test, bound));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> sum) =>
        Vector512.MultiplyAddEstimate(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AddEight(Vector256<float> numbers, Vector512<float> sum) => sum + numbers.ToVector512();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> v) => Lanes256.Sum(v.GetLower() + v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DotPairs(Vector512<float> a, Vector512<float> b, Vector512<float> sums)
    {
        if (Avx512BW.IsSupported)
            return (Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()) + sums.AsInt32()).AsSingle();
        return Vector512.Create(
            Lanes256.DotPairs(a.GetLower(), b.GetLower(), sums.GetLower()), Lanes256.DotPairs(a.GetUpper(), b.GetUpper(), sums.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DotPairsFused(Vector512<float> a, Vector512<float> b, Vector512<float> sums) => DotPairs(a, b, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FromIntegers(Vector512<float> bits) => Vector512.ConvertToSingle(bits.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadSBytes(ref readonly byte at)
    {
        if (Avx512F.IsSupported)
            return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in at).AsSByte()));
        return Vector512.Create(Lanes256.LoadSBytes(in at), Lanes256.LoadSBytes(in Unsafe.Add(ref Unsafe.AsRef(in at), 8)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadHalves(ref readonly byte at)
    {
        if (!Avx512F.IsSupported)
            return Vector512.Create(Lanes256.LoadHalves(in at), Lanes256.LoadHalves(in Unsafe.Add(ref Unsafe.AsRef(in at), 16)));
        var signed = Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in at).AsInt16());
        var bits = (signed << HalfBits.Shift) & Vector512.Create(HalfBits.Mask);
        var special = Vector512.Equals(bits & Vector512.Create(HalfBits.Exponent), Vector512.Create(HalfBits.Exponent));
        var scaled = bits.AsSingle() * Vector512.Create(HalfBits.Scale);
        return scaled | (special & Vector512.Create(HalfBits.Special)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBFloats(ref readonly byte at)
    {
        if (Avx512F.IsSupported)
            return (Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in at).AsInt16()) << 16).AsSingle();
        return Vector512.Create(Lanes256.LoadBFloats(in at), Lanes256.LoadBFloats(in Unsafe.Add(ref Unsafe.AsRef(in at), 16)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadNibbles(ref readonly byte at, ref readonly float codes, out Vector512<float> low, out Vector512<float> high)
    {
        if (!Avx512F.IsSupported)
        {
            Lanes256.LoadNibbles(in at, in codes, out var low0, out var high0);
            Lanes256.LoadNibbles(in Unsafe.Add(ref Unsafe.AsRef(in at), 8), in codes, out var low1, out var high1);
            (low, high) = (Vector512.Create(low0, low1), Vector512.Create(high0, high1));
            return;
        }
        // The permutation reads the low four bits of each index and nothing else.
        var book = Vector512.LoadUnsafe(in codes);
        var bytes = Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in at));
        low = Avx512F.PermuteVar16x32(book, bytes);
        high = Avx512F.PermuteVar16x32(book, bytes >>> 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Vector512<float> even, Vector512<float> odd, out Vector512<float> first, out Vector512<float> second)
    {
        if (Avx512F.IsSupported)
        {
            first = Avx512F.PermuteVar16x32x2(even, Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), odd);
            second = Avx512F.PermuteVar16x32x2(even, Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), odd);
            return;
        }
        Lanes256.Interleave(even.GetLower(), odd.GetLower(), out var a, out var b);
        Lanes256.Interleave(even.GetUpper(), odd.GetUpper(), out var c, out var d);
        (first, second) = (Vector512.Create(a, b), Vector512.Create(c, d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DotSBytes(ref readonly byte bytes, ref readonly short x)
    {
        if (!Avx512BW.IsSupported)
            return Lanes256.DotSBytes(in bytes, in x).ToVector512();
        return Dot(Vector256.LoadUnsafe(in bytes).AsSByte(), in x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DotSBytes(Vector128<sbyte> first, Vector128<sbyte> second, ref readonly short x)
    {
        if (!Avx512BW.IsSupported)
            return Lanes256.DotSBytes(first, second, in x).ToVector512();
        return Dot(Vector256.Create(first, second), in x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DotBytes(Vector256<byte> bytes, ref readonly short x) =>
        Avx512BW.IsSupported ? DotSplit(bytes, in x) : Lanes256.DotBytes(bytes, in x).ToVector512();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DotBytes(Vector256<byte> bytes, ref readonly short x, float first, float second, Vector512<float> sum)
    {
        if (!Avx512BW.IsSupported)
            return sum + Lanes256.DotBytes(bytes, in x, first, second, default).ToVector512();
        var scales = Avx.Blend(Vector256.Create(first), Vector256.Create(second), 0xF0);
        return MultiplyAdd(Twice(scales), DotSplit(bytes, in x), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> DotNibbles(ref readonly byte first, ref readonly byte second, ref readonly short x, ref readonly int start)
    {
        if (!Avx512BW.IsSupported)
            return Lanes256.DotNibbles(in first, in second, in x, in start).ToVector512();
        Lanes256.SplitNibbles(in first, in second, out var low, out var high, out var oddLow, out var oddHigh);
        var even = Avx512BW.MultiplyAddAdjacent(Vector512.Create(low, high), Vector512.LoadUnsafe(in x));
        var odd = Avx512BW.MultiplyAddAdjacent(Vector512.Create(oddLow, oddHigh), Vector512.LoadUnsafe(in x, 32));
        return Vector512.ConvertToSingle(even + odd + Vector256.LoadUnsafe(in start).ToVector512());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadPair(ref readonly float at) => Twice(Lanes256.LoadPair(in at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SplatHalves(ref readonly byte first, ref readonly byte second) => Twice(Lanes256.SplatHalves(in first, in second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Twice(Vector256<float> eight) => Vector512.Create(eight, eight);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SplatHalf(ref readonly byte at)
    {
        var twice = Vector512.Create(Unsafe.ReadUnaligned<short>(in at)).AsInt32();
        return (twice >> 16 - HalfBits.Shift & Vector512.Create(HalfBits.Mask)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> DotSplit(Vector256<byte> bytes, ref readonly short x)
    {
        var pairs = bytes.AsInt16();
        return Dot(Vector512.Create(pairs & Vector256.Create((short)255), pairs >>> 8), in x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Dot(Vector512<short> numbers, ref readonly short x) =>
        Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(numbers, Vector512.LoadUnsafe(in x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Dot(Vector256<sbyte> numbers, ref readonly short x) =>
        Dot(Avx512BW.ConvertToVector512Int16(numbers), in x);
}
