using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors.Quantization;

/// <summary>How GGUF's blocks of 256 numbers keep small numbers: what the K types share.</summary>
internal static class SuperBlock
{
    public const int Length = 256;

    private const uint SixBits = 0x3F3F_3F3F, FourBits = 0x0F0F_0F0F, TopBits = 0x3030_3030;

    /// <summary>Eight scales of 6 bits in 12 bytes that hold eight minimums too, as q4_k and q5_k have them.</summary>
    /// <remarks>Bytes 0 … 3 and 4 … 7 hold the first four of each; bytes 8 … 11 the low four bits of the others, whose high two top the first.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadScales(ref readonly byte at)
    {
        uint first = Four(in at, 0);
        return first & SixBits | (ulong)(Four(in at, 8) & FourBits | first >> 2 & TopBits) << 32;
    }

    /// <summary>The eight minimums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadMinimums(ref readonly byte at)
    {
        uint second = Four(in at, 4);
        return second & SixBits | (ulong)(Four(in at, 8) >> 4 & FourBits | second >> 2 & TopBits) << 32;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Four(ref readonly byte at, int index) => Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref Unsafe.AsRef(in at), index));

    public static void WriteSixBits(ReadOnlySpan<sbyte> scales, ReadOnlySpan<sbyte> minimums, ref byte at)
    {
        for (int i = 0; i < 4; i++)
        {
            Unsafe.Add(ref at, i) = (byte)(scales[i] + (scales[i + 4] >> 4 << 6));
            Unsafe.Add(ref at, i + 4) = (byte)(minimums[i] + (minimums[i + 4] >> 4 << 6));
            Unsafe.Add(ref at, i + 8) = (byte)(scales[i + 4] & 15 | (minimums[i + 4] & 15) << 4);
        }
    }

    /// <summary>Eight signed bytes, each times <paramref name="unit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(ulong bytes, float unit)
    {
        var numbers = Vector128.CreateScalarUnsafe(bytes).AsSByte();
        if (Avx2.IsSupported)
            return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(numbers)) * unit;
        var shorts = Vector128.WidenLower(numbers);
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts))) * unit;
    }

    /// <summary>A group of bits of 32 bytes: shifted right, and masked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Right(Vector256<byte> bytes, int shift, byte mask) =>
        (bytes.AsUInt16() >>> shift).AsByte() & Vector256.Create(mask);

    /// <summary>A group of bits of 32 bytes: shifted left, and masked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Left(Vector256<byte> bytes, int shift, byte mask) =>
        (bytes.AsUInt16() << shift).AsByte() & Vector256.Create(mask);

    /// <summary>
    /// Some bits of each code put among those of the others: codes of one group of <paramref name="parts"/> · 32 fill 32 bytes, part after part
    /// from the lowest bits on.
    /// </summary>
    /// <param name="codes">256 codes.</param>
    /// <param name="from">The lowest bit to take.</param>
    /// <param name="bits">How many.</param>
    /// <param name="parts">How many codes share a byte.</param>
    /// <param name="to">256 / <paramref name="parts"/> bytes.</param>
    public static void WriteBits(ReadOnlySpan<sbyte> codes, int from, int bits, int parts, ref byte to)
    {
        int mask = (1 << bits) - 1;
        for (int i = 0; i < Length / parts; i++)
        {
            int all = 0;
            for (int part = 0; part < parts; part++)
                all |= (codes[i / 32 * 32 * parts + part * 32 + i % 32] >> from & mask) << part * bits;
            Unsafe.Add(ref to, i) = (byte)all;
        }
    }
}
