using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>How GGUF's blocks of 256 numbers keep small numbers: what the K types share.</summary>
internal static class SuperBlock
{
    public const int Length = 256;

    /// <summary>Eight scales and eight minimums of 6 bits in 12 bytes, as q4_k and q5_k have them.</summary>
    /// <remarks>Bytes 0 … 3 and 4 … 7 hold the first four of each; bytes 8 … 11 the low four bits of the others, whose high two top the first.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadSixBits(ref readonly byte at, out ulong scales, out ulong minimums)
    {
        const uint Six = 0x3F3F_3F3F, Four = 0x0F0F_0F0F, Two = 0x3030_3030;
        ref byte start = ref Unsafe.AsRef(in at);
        uint first = Unsafe.ReadUnaligned<uint>(in start), second = Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref start, 4));
        uint third = Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref start, 8));
        scales = first & Six | (ulong)(third & Four | first >> 2 & Two) << 32;
        minimums = second & Six | (ulong)(third >> 4 & Four | second >> 2 & Two) << 32;
    }

    public static void WriteSixBits(ReadOnlySpan<sbyte> scales, ReadOnlySpan<sbyte> minimums, ref byte at)
    {
        for (int i = 0; i < 4; i++)
        {
            Unsafe.Add(ref at, i) = (byte)(scales[i] + (scales[i + 4] >> 4 << 6));
            Unsafe.Add(ref at, i + 4) = (byte)(minimums[i] + (minimums[i + 4] >> 4 << 6));
            Unsafe.Add(ref at, i + 8) = (byte)(scales[i + 4] & 15 | (minimums[i + 4] & 15) << 4);
        }
    }

    /// <summary>Sixteen signed bytes, each times <paramref name="unit"/>.</summary>
    /// <remarks>Stored at once where a vector is as wide: reading it whole would else have to wait for two stores.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(ulong low, ulong high, float unit, ref float to)
    {
        var bytes = Vector128.Create(low, high);
        (Lanes512.LoadSBytes(in Unsafe.As<Vector128<ulong>, byte>(ref bytes)) * unit).StoreUnsafe(ref to);
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
