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
    private const ulong LowBits = 0x0F0F_0F0F_0F0F_0F0F;

    public static int Size => 84;

    public static int Part => 16;

    public static bool HasOffsets => true;

    public static int Middle => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte block, nuint half, out Vector256<byte> first, out Vector256<byte> second, out Vector256<byte> third, out Vector256<byte> fourth)
    {
        var bytes = Vector256.LoadUnsafe(in Unsafe.Add(ref Unsafe.AsRef(in block), Fours), 32 * half);
        first = bytes & Vector256.Create((byte)3);
        second = SuperBlock.Right(bytes, 2, 3);
        third = SuperBlock.Right(bytes, 4, 3);
        fourth = SuperBlock.Right(bytes, 6, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ref readonly byte block, out Vector256<float> first, out Vector256<float> second)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        float d = HalfBits.Read(in Unsafe.Add(ref start, Scale));
        first = SuperBlock.Multiply(Unsafe.ReadUnaligned<ulong>(in start) & LowBits, d);
        second = SuperBlock.Multiply(Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref start, 8)) & LowBits, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Offsets(ref readonly byte block, out Vector256<float> first, out Vector256<float> second)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        float e = -HalfBits.Read(in Unsafe.Add(ref start, Minimum));
        first = SuperBlock.Multiply(Unsafe.ReadUnaligned<ulong>(in start) >> 4 & LowBits, e);
        second = SuperBlock.Multiply(Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref start, 8)) >> 4 & LowBits, e);
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
