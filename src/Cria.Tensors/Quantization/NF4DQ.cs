using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors.Quantization;

/// <summary>nf4-dq, NF4 with double quantisation: w = c[q] · (m[s] · A + o), the scale of each 64 numbers in one byte s.</summary>
/// <remarks>
/// Dettmers et al. 2023, section 3, <see href="https://arxiv.org/abs/2305.14314"/>: 4.127 bits for each number. o is the mean of all
/// scales of the tensor, A the largest |a − o| of 256 blocks, m the signed dynamic map of bitsandbytes (the paper says FP8).
/// In memory: for each 256 blocks A and o, then up to 256 times s and 32 bytes q; what a short tensor lacks is not stored.
/// </remarks>
internal readonly struct NF4DQ : ICodec
{
    public const int Length = FourBitBlock<NormalFloat>.Length, GroupBlocks = 256, BlockSize = 1 + FourBitBlock<NormalFloat>.Size;
    public const int Offset = 4, Header = 8, GroupSize = Header + GroupBlocks * BlockSize;

    public static int BlockLength => Length;

    public static int Step => Length;

    public static bool IsSequence => false;

    public static long Bytes(long elements)
    {
        long blocks = (elements + Length - 1) / Length;
        return checked((blocks + GroupBlocks - 1) / GroupBlocks * Header + blocks * BlockSize);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element, out float scale);
        FourBitBlock<NormalFloat>.Read<TLanes, TVector>(in block, scale, ref to);
    }

    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged) => FourBitBlock<NormalFloat>.SplitPairs(x, arranged);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element, out float scale);
        return FourBitBlock<NormalFloat>.Dot<TLanes, TVector>(in block, scale, in x, sum);
    }

    public static float Number(ref readonly byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element, out float scale);
        return FourBitBlock<NormalFloat>.Code(in block, (int)(element % Length)) * scale;
    }

    /// <summary>Writes q only: the scales of the blocks depend on the whole tensor and are there already.</summary>
    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element) =>
        FourBitBlock<NormalFloat>.Write(from, CodeBook.MaxMagnitude(from), MemoryMarshal.CreateSpan(ref Block(in tensor, element, out _), FourBitBlock<NormalFloat>.Size));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Block(ref readonly byte tensor, nuint element, out float scale)
    {
        nuint number = element / Length;
        ref byte group = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), number / GroupBlocks * GroupSize);
        ref byte block = ref Unsafe.AddByteOffset(ref group, Header + number % GroupBlocks * BlockSize);
        float largest = Unsafe.ReadUnaligned<float>(in group), offset = Unsafe.ReadUnaligned<float>(in Unsafe.Add(ref group, Offset));
        scale = Unsafe.Add(ref MemoryMarshal.GetReference(DynamicMap.Codes), block) * largest + offset;
        return ref Unsafe.Add(ref block, 1);
    }
}
