using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>Eight codes of a row in four bytes, as rows side by side keep them: those of even columns in one 16-bit word, the others in the next.</summary>
/// <remarks>A mask and a shift then make a pair of neighbouring columns of every row at once.</remarks>
internal static class NibblePairs
{
    private const ulong Even = 0x00FF_00FF_00FF_00FF, Nibble = 0x000F_000F_000F_000F, TwoBits = 0x0003_0003_0003_0003;

    /// <summary>Four bits of eight codes, each in a byte.</summary>
    public static uint Join(ulong codes) => JoinWord(codes & Even, 4) | (uint)JoinWord(codes >> 8 & Even, 4) << 16;

    /// <summary>The eight codes again.</summary>
    public static ulong Split(uint pairs) => SplitWord(pairs & 0xFFFF, 4, Nibble) | SplitWord(pairs >> 16, 4, Nibble) << 8;

    /// <summary>The same for two bits of sixteen codes: those of the first eight in the lower halves of the words.</summary>
    public static uint JoinTwo(ulong first, ulong second) =>
        JoinWord(first & Even, 2) | (uint)JoinWord(second & Even, 2) << 8 | (uint)JoinWord(first >> 8 & Even, 2) << 16 | (uint)JoinWord(second >> 8 & Even, 2) << 24;

    public static void SplitTwo(uint pairs, out ulong first, out ulong second)
    {
        first = SplitWord(pairs & 0xFF, 2, TwoBits) | SplitWord(pairs >> 16 & 0xFF, 2, TwoBits) << 8;
        second = SplitWord(pairs >> 8 & 0xFF, 2, TwoBits) | SplitWord(pairs >> 24, 2, TwoBits) << 8;
    }

    /// <summary>Four times a pair of each of eight rows, out of 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(
        ref readonly byte at, out Vector256<short> first, out Vector256<short> second, out Vector256<short> third, out Vector256<short> fourth)
    {
        var pairs = Vector256.LoadUnsafe(in at).AsInt16();
        var mask = Vector256.Create((short)15);
        (first, second) = (pairs & mask, pairs >>> 4 & mask);
        (third, fourth) = (pairs >>> 8 & mask, pairs >>> 12);
    }

    // Codes in every second byte, moved together from the lowest on.
    private static ushort JoinWord(ulong codes, int bits) =>
        (ushort)(codes | codes >> 16 - bits | codes >> 2 * (16 - bits) | codes >> 3 * (16 - bits));

    private static ulong SplitWord(ulong word, int bits, ulong mask) =>
        (word | word << 16 - bits | word << 2 * (16 - bits) | word << 3 * (16 - bits)) & mask;
}
