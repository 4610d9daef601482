using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors;

/// <summary>Four floats: Arm64, WebAssembly and old x64; in software where nothing is accelerated.</summary>
internal readonly struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Count => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(ref readonly float start, nuint index) => Vector128.LoadUnsafe(in start, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, ref float start, nuint index) => value.StoreUnsafe(ref start, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Splat(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> First(float value) => Vector128.CreateScalar(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Vector128.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> AddToExponent(Vector128<float> x, Vector128<float> n) => (x.AsInt32() + (n.AsInt32() << 23)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ZeroUpTo(Vector128<float> bound, Vector128<float> test, Vector128<float> x) =>
        Vector128.AndNot(x, Vector128.LessThanOrEqual(test, bound));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> sum) =>
        Vector128.MultiplyAddEstimate(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> AddEight(Vector256<float> numbers, Vector128<float> sum) => sum + numbers.GetLower() + numbers.GetUpper();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> v) => Vector128.Sum(v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DotPairs(Vector128<float> a, Vector128<float> b, Vector128<float> sums)
    {
        if (Sse2.IsSupported)
            return (Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()) + sums.AsInt32()).AsSingle();
        var (odd, even) = ((a.AsInt32() >> 16) * (b.AsInt32() >> 16), (a.AsInt32() << 16 >> 16) * (b.AsInt32() << 16 >> 16));
        return (sums.AsInt32() + odd + even).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DotPairsFused(Vector128<float> a, Vector128<float> b, Vector128<float> sums) => DotPairs(a, b, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> FromIntegers(Vector128<float> bits) => Vector128.ConvertToSingle(bits.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadSBytes(ref readonly byte at) =>
        Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(in at)).AsSByte())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadHalves(ref readonly byte at)
    {
        var signed = Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in at)).AsInt16());
        var bits = (signed << HalfBits.Shift) & Vector128.Create(HalfBits.Mask);
        var special = Vector128.Equals(bits & Vector128.Create(HalfBits.Exponent), Vector128.Create(HalfBits.Exponent));
        var scaled = bits.AsSingle() * Vector128.Create(HalfBits.Scale);
        return scaled | (special & Vector128.Create(HalfBits.Special)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBFloats(ref readonly byte at) =>
        (Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in at)).AsUInt16()) << 16).AsSingle();

    public static void LoadNibbles(ref readonly byte at, ref readonly float codes, out Vector128<float> low, out Vector128<float> high)
    {
        uint bytes = Unsafe.ReadUnaligned<uint>(in at);
        ref float start = ref Unsafe.AsRef(in codes);
        low = Vector128.Create(
            Unsafe.Add(ref start, bytes & 15), Unsafe.Add(ref start, bytes >> 8 & 15),
            Unsafe.Add(ref start, bytes >> 16 & 15), Unsafe.Add(ref start, bytes >> 24 & 15));
        high = Vector128.Create(
            Unsafe.Add(ref start, bytes >> 4 & 15), Unsafe.Add(ref start, bytes >> 12 & 15),
            Unsafe.Add(ref start, bytes >> 20 & 15), Unsafe.Add(ref start, bytes >> 28));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Vector128<float> even, Vector128<float> odd, out Vector128<float> first, out Vector128<float> second)
    {
        if (Sse.IsSupported)
        {
            (first, second) = (Sse.UnpackLow(even, odd), Sse.UnpackHigh(even, odd));
            return;
        }
        first = Vector128.Create(even[0], odd[0], even[1], odd[1]);
        second = Vector128.Create(even[2], odd[2], even[3], odd[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DotSBytes(ref readonly byte bytes, ref readonly short x) =>
        DotSBytes(Vector128.LoadUnsafe(in bytes).AsSByte(), Vector128.LoadUnsafe(in bytes, 16).AsSByte(), in x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DotSBytes(Vector128<sbyte> first, Vector128<sbyte> second, ref readonly short x) =>
        Vector128.ConvertToSingle(Dot(first, in x, 0) + Dot(second, in x, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DotBytes(Vector256<byte> bytes, ref readonly short x)
    {
        var (first, second) = (bytes.GetLower().AsUInt16(), bytes.GetUpper().AsUInt16());
        return Vector128.ConvertToSingle(DotSplit(first, in x) + DotSplit(second, in Unsafe.Add(ref Unsafe.AsRef(in x), 8)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DotBytes(Vector256<byte> bytes, ref readonly short x, float first, float second, Vector128<float> sum)
    {
        var a = Vector128.ConvertToSingle(DotSplit(bytes.GetLower().AsUInt16(), in x));
        var b = Vector128.ConvertToSingle(DotSplit(bytes.GetUpper().AsUInt16(), in Unsafe.Add(ref Unsafe.AsRef(in x), 8)));
        return MultiplyAdd(Splat(second), b, MultiplyAdd(Splat(first), a, sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> DotNibbles(ref readonly byte first, ref readonly byte second, ref readonly short x, ref readonly int start)
    {
        var a = Vector128.LoadUnsafe(in start) + DotNibbles(Vector128.LoadUnsafe(in first).AsUInt16(), in x);
        var b = Vector128.LoadUnsafe(in start, 4) + DotNibbles(Vector128.LoadUnsafe(in second).AsUInt16(), in Unsafe.Add(ref Unsafe.AsRef(in x), 8));
        return Vector128.ConvertToSingle(Vector128.Create(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> DotNibbles(Vector128<ushort> pairs, ref readonly short x)
    {
        var four = Vector128.Create((ushort)15);
        return Dot((pairs & four).AsInt16(), Vector128.LoadUnsafe(in x)) + Dot((pairs >>> 4 & four).AsInt16(), Vector128.LoadUnsafe(in x, 16)) +
            Dot((pairs >>> 8 & four).AsInt16(), Vector128.LoadUnsafe(in x, 32)) + Dot((pairs >>> 12).AsInt16(), Vector128.LoadUnsafe(in x, 48));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadPair(ref readonly float at) => Vector128.LoadUnsafe(in at, 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SplatHalves(ref readonly byte first, ref readonly byte second) =>
        Vector128.Create(Vector64.Create(HalfBits.ReadSmall(in first)), Vector64.Create(HalfBits.ReadSmall(in second)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SplatHalf(ref readonly byte at) => Vector128.Create(HalfBits.ReadSmall(in at));

    // 16 bytes with numbers 0 … 15 of the even ones of x, and with as many of the odd ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> DotSplit(Vector128<ushort> pairs, ref readonly short x) =>
        Dot((pairs & Vector128.Create((ushort)255)).AsInt16(), Vector128.LoadUnsafe(in x)) + Dot((pairs >>> 8).AsInt16(), Vector128.LoadUnsafe(in x, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Dot(Vector128<sbyte> numbers, ref readonly short x, nuint index) =>
        Dot(Vector128.WidenLower(numbers), Vector128.LoadUnsafe(in x, index)) + Dot(Vector128.WidenUpper(numbers), Vector128.LoadUnsafe(in x, index + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Dot(Vector128<short> a, Vector128<short> b) =>
        Sse2.IsSupported
            ? Sse2.MultiplyAddAdjacent(a, b)
            : Vector128.WidenLower(a) * Vector128.WidenLower(b) + Vector128.WidenUpper(a) * Vector128.WidenUpper(b);
}
