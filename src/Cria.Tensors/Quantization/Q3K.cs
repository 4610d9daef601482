using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q3_k: w = d·(s − 32)·(q − 4), q of 3 bits, s of 6 bits for each 16 of 256 numbers: 110 bytes.</summary>
/// <remarks>
/// 32 bytes with the third bits, bit j of byte i that of number 32 j + i; for each 128 numbers 32 bytes with the low two bits of numbers
/// i, i + 32, i + 64, i + 96; 12 bytes of s; d in half precision.
/// </remarks>
internal readonly struct Q3K : ISuperBlock
{
    private const int Fours = 32, SixBits = 96, Scale = 108, MiddleScale = 32;

    public static int Size => 110;

    public static int Part => 16;

    public static bool HasOffsets => false;

    public static int Middle => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte block, nuint half, out Vector256<byte> first, out Vector256<byte> second, out Vector256<byte> third, out Vector256<byte> fourth)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        var bytes = Vector256.LoadUnsafe(ref start, Fours + 32 * half);
        var thirds = (Vector256.LoadUnsafe(ref start).AsUInt16() >>> 4 * (int)half).AsByte();
        first = bytes & Vector256.Create((byte)3) | SuperBlock.Left(thirds, 2, 4);
        second = SuperBlock.Right(bytes, 2, 3) | SuperBlock.Left(thirds, 1, 4);
        third = SuperBlock.Right(bytes, 4, 3) | thirds & Vector256.Create((byte)4);
        fourth = SuperBlock.Right(bytes, 6, 3) | SuperBlock.Right(thirds, 1, 4);
    }

    // Bytes 0 … 7 hold the low four bits of the first eight scales, and of the others high; byte 8 + i the high two of scales i, i + 4, i + 8, i + 12.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ref readonly byte block, out Vector256<float> first, out Vector256<float> second)
    {
        const ulong Four = 0x0F0F_0F0F_0F0F_0F0F, Middles = 0x2020_2020_2020_2020, Sign = 0x8080_8080_8080_8080;
        const uint Two = 0x3030_3030;
        ref byte start = ref Unsafe.AsRef(in block);
        float d = HalfBits.Read(in Unsafe.Add(ref start, Scale));
        ulong low = Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref start, SixBits));
        uint tops = Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref start, SixBits + 8));
        ulong lower = low & Four | tops << 4 & Two | (ulong)(tops << 2 & Two) << 32;
        ulong upper = low >> 4 & Four | tops & Two | (ulong)(tops >> 2 & Two) << 32;

        // Each byte less 32, without a borrow from its neighbour.
        first = SuperBlock.Multiply((lower | Sign) - Middles ^ Sign, d);
        second = SuperBlock.Multiply((upper | Sign) - Middles ^ Sign, d);
    }

    public static void Offsets(ref readonly byte block, out Vector256<float> first, out Vector256<float> second) => first = second = default;

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[SuperBlock.Length], scales = stackalloc sbyte[16];
        var search = new SuperScaleSearch(from, Part, codes);
        search.Symmetric(Middle, MiddleScale, scales);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Scale), search.Scale);
        WriteScales(scales, ref Unsafe.Add(ref block, SixBits));
        foreach (ref sbyte code in codes)
            code += (sbyte)Middle;
        SuperBlock.WriteBits(codes, 2, 1, 8, ref block);
        SuperBlock.WriteBits(codes, 0, 2, 4, ref Unsafe.Add(ref block, Fours));
    }

    private static void WriteScales(Span<sbyte> scales, ref byte at)
    {
        foreach (ref sbyte scale in scales)
            scale += MiddleScale;
        for (int i = 0; i < 8; i++)
            Unsafe.Add(ref at, i) = (byte)(scales[i] & 15 | (scales[i + 8] & 15) << 4);
        for (int i = 0; i < 4; i++)
            Unsafe.Add(ref at, 8 + i) = (byte)(scales[i] >> 4 | scales[i + 4] >> 4 << 2 | scales[i + 8] >> 4 << 4 | scales[i + 12] >> 4 << 6);
    }
}
