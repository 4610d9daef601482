using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q4_0: w = d · (q − 8). A block of 32 numbers is d in half precision, then 16 bytes: q of number i low, of i + 16 high.</summary>
/// <remarks>The GGUF format's type of that name. d is the number of largest magnitude, with its sign, over −8.</remarks>
internal readonly struct Q4 : ICodec
{
    private const int Length = 32, Size = 18, Quants = 2, Pairs = 16, Middle = 8;

    private static ReadOnlySpan<float> Codes => [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7];

    public static int BlockLength => Length;

    // Two blocks at once fill a vector: half as many steps, and each converts both sums and both scales.
    public static int Step => 2 * Length;

    public static long Bytes(long elements) => checked((elements + Length - 1) / Length * Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int half = 0; half < 2; half++)
        {
            ref byte block = ref Block(in tensor, element + (nuint)(half * Length));
            var d = TLanes.Splat(HalfBits.Read(in block));
            ref float start = ref Unsafe.Add(ref to, half * Length);
            for (int i = 0; i < Pairs; i += TLanes.Count)
            {
                TLanes.LoadNibbles(in Unsafe.Add(ref block, Quants + i), in MemoryMarshal.GetReference(Codes), out var low, out var high);
                TLanes.Store(TLanes.Multiply(d, low), ref start, (nuint)i);
                TLanes.Store(TLanes.Multiply(d, high), ref start, (nuint)i + Pairs);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged) => WideActivations.ArrangePair(x, Middle, arranged);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        ref byte next = ref Unsafe.Add(ref block, Size);
        var sums = TLanes.DotNibbles(
            in Unsafe.Add(ref block, Quants), in Unsafe.Add(ref next, Quants), in WideActivations.Numbers(in x), in WideActivations.Corrections(in x));
        var scales = TLanes.Multiply(TLanes.SplatHalves(in block, in next), TLanes.LoadPair(in WideActivations.Scales(in x)));
        return TLanes.MultiplyAdd(scales, sums, sum);
    }

    public static int IntegerPart => Length;

    public static void ReadIntegers(ref readonly byte tensor, nuint element, ref short codes, ref float scales, ref float offsets)
    {
        ref byte block = ref Block(in tensor, element);
        scales = HalfBits.Read(in block);
        Nibbles.Split(in Unsafe.Add(ref block, Quants), out var low, out var high);
        SignedBytes.Widen(Vector256.Create(low, high) - Vector256.Create((sbyte)8), ref codes);
    }

    public static float Number(ref readonly byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        int i = (int)(element % Length);
        int pair = Unsafe.Add(ref block, Quants + i % Pairs);
        return HalfBits.Read(in block) * ((i < Pairs ? pair & 15 : pair >> 4) - 8);
    }

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        float largest = 0;
        foreach (float w in from)
            largest = Math.Abs(w) > Math.Abs(largest) ? w : largest;
        float d = largest / -8, inverse = d == 0 ? 0 : 1 / d;
        Unsafe.WriteUnaligned(ref block, (Half)d);
        for (int i = 0; i < Pairs; i++)
            Unsafe.Add(ref block, Quants + i) = (byte)(Quant(from, i, inverse) | Quant(from, i + Pairs, inverse) << 4);
    }

    // Towards zero, after the 8 that makes it positive and a half: to nearest. What is missing of a short block is zero.
    private static int Quant(ReadOnlySpan<float> from, int i, float inverse) =>
        i < from.Length ? Math.Clamp((int)(from[i] * inverse + 8.5f), 0, 15) : 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Block(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element / Length * Size);
}
