using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors.Quantization;

/// <summary>nf4 and fp4: w = a · c[q]. A block of 64 numbers is 32 bytes q, the even number high, then a = max|w|: 36 bytes.</summary>
/// <remarks>
/// Dettmers et al. 2023, section 3, <see href="https://arxiv.org/abs/2305.14314"/>. Codes, packing and ties are those of bitsandbytes, which
/// keeps the scales of a tensor apart; here they stand in the blocks, so that rows can be cut.
/// </remarks>
internal readonly struct FourBits<TBook> : ICodec
    where TBook : struct, IFourBitBook
{
    public const int Length = FourBitBlock<TBook>.Length, Scale = FourBitBlock<TBook>.Size, Size = Scale + sizeof(float);

    public static int BlockLength => Length;

    public static int Step => Length;

    public static long Bytes(long elements) => checked((elements + Length - 1) / Length * Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        FourBitBlock<TBook>.Read<TLanes, TVector>(in block, Unsafe.ReadUnaligned<float>(in Unsafe.Add(ref block, Scale)), ref to);
    }

    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged) => FourBitBlock<TBook>.SplitPairs(x, arranged);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        return FourBitBlock<TBook>.Dot<TLanes, TVector>(in block, Unsafe.ReadUnaligned<float>(in Unsafe.Add(ref block, Scale)), in x, sum);
    }

    public static float Number(ref readonly byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        return FourBitBlock<TBook>.Code(in block, (int)(element % Length)) * Unsafe.ReadUnaligned<float>(in Unsafe.Add(ref block, Scale));
    }

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        float scale = CodeBook.MaxMagnitude(from);
        FourBitBlock<TBook>.Write(from, scale, MemoryMarshal.CreateSpan(ref block, FourBitBlock<TBook>.Size));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Scale), scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Block(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element / Length * Size);
}
