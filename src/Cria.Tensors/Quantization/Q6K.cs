using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q6_k: w = d·s·(q − 32), q of 6 bits, s a signed byte for each 16 of 256 numbers: 210 bytes.</summary>
/// <remarks>
/// For each 128 numbers, 64 bytes with the low four bits: of number i low, of i + 64 high. Then for each 128 numbers 32 bytes with the
/// high two bits of numbers i, i + 32, i + 64, i + 96. Then the scales, and d in half precision.
/// </remarks>
internal readonly struct Q6K : ISuperBlock
{
    private const int Tops = 128, Parts = 192, Scale = 208;

    public static int Size => 210;

    public static int Part => 16;

    public static bool HasOffsets => false;

    public static int Middle => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte block, nuint half, out Vector256<byte> first, out Vector256<byte> second, out Vector256<byte> third, out Vector256<byte> fourth)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        var (low, high) = (Vector256.LoadUnsafe(ref start, 64 * half), Vector256.LoadUnsafe(ref start, 64 * half + 32));
        var tops = Vector256.LoadUnsafe(ref start, Tops + 32 * half);
        first = low & Vector256.Create((byte)15) | SuperBlock.Left(tops, 4, 48);
        second = high & Vector256.Create((byte)15) | SuperBlock.Left(tops, 2, 48);
        third = SuperBlock.Right(low, 4, 15) | tops & Vector256.Create((byte)48);
        fourth = SuperBlock.Right(high, 4, 15) | SuperBlock.Right(tops, 2, 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ref readonly byte block, out Vector256<float> first, out Vector256<float> second)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        float d = HalfBits.Read(in Unsafe.Add(ref start, Scale));
        first = SuperBlock.Multiply(Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref start, Parts)), d);
        second = SuperBlock.Multiply(Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref start, Parts + 8)), d);
    }

    public static void Offsets(ref readonly byte block, out Vector256<float> first, out Vector256<float> second) => first = second = default;

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[SuperBlock.Length];
        var scales = MemoryMarshal.CreateSpan(ref Unsafe.As<byte, sbyte>(ref Unsafe.Add(ref block, Parts)), 16);
        var search = new SuperScaleSearch(from, Part, codes);
        search.Symmetric(Middle, 128, scales);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Scale), search.Scale);
        foreach (ref sbyte code in codes)
            code += (sbyte)Middle;
        for (int i = 0; i < 128; i++)
            Unsafe.Add(ref block, i) = (byte)(codes[i / 64 * 128 + i % 64] & 15 | (codes[i / 64 * 128 + i % 64 + 64] & 15) << 4);
        SuperBlock.WriteBits(codes, 4, 2, 4, ref Unsafe.Add(ref block, Tops));
    }
}
