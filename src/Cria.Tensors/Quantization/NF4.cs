using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors.Quantization;

/// <summary>nf4, 4-bit NormalFloat: w = a · c[q]. A block of 64 numbers is 32 bytes q, the even number high, then a = max|w|: 36 bytes.</summary>
/// <remarks>
/// Dettmers et al. 2023, section 3, <see href="https://arxiv.org/abs/2305.14314"/>: a code book of normal quantiles. Codes, packing and
/// ties are those of bitsandbytes, which keeps the scales of a tensor apart; here they stand in the blocks, so that rows can be cut.
/// </remarks>
internal readonly struct NF4 : ICodec
{
    private const int Length = 64, Size = 36, Scale = 32;

    public static int BlockLength => Length;

    public static int Step => Length;

    public static long Bytes(long elements) => checked((elements + Length - 1) / Length * Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        NormalFloat.Read<TLanes, TVector>(in block, Unsafe.ReadUnaligned<float>(in Unsafe.Add(ref block, Scale)), ref to);
    }

    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged) => NormalFloat.SplitPairs(x, arranged);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        return NormalFloat.Dot<TLanes, TVector>(in block, Unsafe.ReadUnaligned<float>(in Unsafe.Add(ref block, Scale)), in x, sum);
    }

    public static float Number(ref readonly byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        return NormalFloat.Code(in block, (int)(element % Length)) * Unsafe.ReadUnaligned<float>(in Unsafe.Add(ref block, Scale));
    }

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        float scale = NormalFloat.MaxMagnitude(from);
        NormalFloat.Write(from, scale, MemoryMarshal.CreateSpan(ref block, Scale));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Scale), scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Block(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element / Length * Size);
}
