using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q8_0: w = d · q. A block of 32 numbers is d in half precision, then 32 signed bytes q: 34 bytes.</summary>
/// <remarks>The GGUF format's type of that name. d = max|w| / 127; q = w / d rounded to nearest, halves away from zero.</remarks>
internal readonly struct Q8 : ICodec
{
    private const int Length = 32, Size = 34, Quants = 2;

    public static int BlockLength => Length;

    public static int Step => Length;

    public static long Bytes(long elements) => checked((elements + Length - 1) / Length * Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        var d = TLanes.Splat(HalfBits.Read(in block));
        for (int i = 0; i < Length; i += TLanes.Count)
            TLanes.Store(TLanes.Multiply(d, TLanes.LoadSBytes(in Unsafe.Add(ref block, Quants + i))), ref to, (nuint)i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged) => WideActivations.Arrange(x, arranged);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        var s = TLanes.DotSBytes(in Unsafe.Add(ref block, Quants), in WideActivations.Numbers(in x));
        return TLanes.MultiplyAdd(TLanes.Multiply(TLanes.SplatHalf(in block), TLanes.Splat(WideActivations.Scale(in x))), s, sum);
    }

    public static int IntegerPart => Length;

    public static void ReadIntegers(ref readonly byte tensor, nuint element, ref short codes, ref float scales, ref float offsets)
    {
        ref byte block = ref Block(in tensor, element);
        scales = HalfBits.Read(in block);
        SignedBytes.Widen(Vector256.LoadUnsafe(ref block, Quants).AsSByte(), ref codes);
    }

    public static float Number(ref readonly byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        return HalfBits.Read(in block) * (sbyte)Unsafe.Add(ref block, Quants + element % Length);
    }

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        float d = CodeBook.MaxMagnitude(from) / 127, inverse = d == 0 ? 0 : 1 / d;
        Unsafe.WriteUnaligned(ref block, (Half)d);
        for (int i = 0; i < from.Length; i++)
            Unsafe.Add(ref block, Quants + i) = (byte)(sbyte)MathF.Round(from[i] * inverse, MidpointRounding.AwayFromZero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Block(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element / Length * Size);
}
