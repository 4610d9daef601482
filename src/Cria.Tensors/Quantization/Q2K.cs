using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q2_k: w = d·s·q − e·m, q from 0 to 3, s and m of 4 bits for each 16 of 256 numbers: 84 bytes.</summary>
/// <remarks>
/// 16 bytes with s low and m high, then for each 128 numbers 32 bytes with q of numbers i, i + 32, i + 64, i + 96, then d and e in half
/// precision.
/// </remarks>
internal readonly struct Q2K : ISuperBlock
{
    private const int Fours = 16, Scale = 80, Minimum = 82;

    public static int Size => 84;

    public static int Part => 16;

    public static bool HasOffsets => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ref readonly byte block, ref sbyte codes)
    {
        ref byte fours = ref Unsafe.Add(ref Unsafe.AsRef(in block), Fours);
        for (nuint i = 0; i < 2; i++)
        {
            var bytes = Vector256.LoadUnsafe(ref fours, 32 * i);
            (bytes & Vector256.Create((byte)3)).AsSByte().StoreUnsafe(ref codes, 128 * i);
            SuperBlock.Right(bytes, 2, 3).AsSByte().StoreUnsafe(ref codes, 128 * i + 32);
            SuperBlock.Right(bytes, 4, 3).AsSByte().StoreUnsafe(ref codes, 128 * i + 64);
            SuperBlock.Right(bytes, 6, 3).AsSByte().StoreUnsafe(ref codes, 128 * i + 96);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ref readonly byte block, ref float scales, ref float offsets)
    {
        const ulong Low = 0x0F0F_0F0F_0F0F_0F0F;
        ref byte start = ref Unsafe.AsRef(in block);
        float d = HalfBits.Read(in Unsafe.Add(ref start, Scale)), e = -HalfBits.Read(in Unsafe.Add(ref start, Minimum));
        ulong first = Unsafe.ReadUnaligned<ulong>(in start), second = Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref start, 8));
        SuperBlock.Multiply(first & Low, second & Low, d, ref scales);
        SuperBlock.Multiply(first >> 4 & Low, second >> 4 & Low, e, ref offsets);
    }

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[SuperBlock.Length], scales = stackalloc sbyte[16], minimums = stackalloc sbyte[16];
        var search = new SuperScaleSearch(from, Part, codes);
        search.Affine(3, 15, scales, minimums);
        for (int i = 0; i < 16; i++)
            Unsafe.Add(ref block, i) = (byte)(scales[i] + (minimums[i] << 4));
        SuperBlock.WriteBits(codes, 0, 2, 4, ref Unsafe.Add(ref block, Fours));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Scale), search.Scale);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Minimum), search.Minimum);
    }
}
