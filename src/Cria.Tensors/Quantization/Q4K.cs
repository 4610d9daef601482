using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q4_k: w = d·s·q − e·m, q from 0 to 15, s and m of 6 bits for each 32 of 256 numbers: 144 bytes.</summary>
/// <remarks>d and e in half precision, 12 bytes of s and m, then for each 64 numbers 32 bytes: q of number i low, of i + 32 high.</remarks>
internal readonly struct Q4K : ISuperBlock
{
    private const int Minimum = 2, SixBits = 4, Pairs = 16;

    public static int Size => 144;

    public static int Part => 32;

    public static bool HasOffsets => true;

    public static int Middle => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte block, nuint half, out Vector256<byte> first, out Vector256<byte> second, out Vector256<byte> third, out Vector256<byte> fourth)
    {
        Nibbles(in Unsafe.Add(ref Unsafe.AsRef(in block), Pairs), half, out first, out second, out third, out fourth);
    }

    /// <summary>Nibbles of 128 numbers as q4_k and q5_k have them: of each 64, the first 32 low.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Nibbles(
        ref readonly byte pairs, nuint half, out Vector256<byte> first, out Vector256<byte> second, out Vector256<byte> third, out Vector256<byte> fourth)
    {
        var (low, high) = (Vector256.LoadUnsafe(in pairs, 64 * half), Vector256.LoadUnsafe(in pairs, 64 * half + 32));
        (first, second) = (low & Vector256.Create((byte)15), SuperBlock.Right(low, 4, 15));
        (third, fourth) = (high & Vector256.Create((byte)15), SuperBlock.Right(high, 4, 15));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ref readonly byte block, out Vector256<float> first, out Vector256<float> second)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        first = SuperBlock.Multiply(SuperBlock.ReadScales(in Unsafe.Add(ref start, SixBits)), HalfBits.Read(in start));
        second = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Offsets(ref readonly byte block, out Vector256<float> first, out Vector256<float> second)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        first = SuperBlock.Multiply(SuperBlock.ReadMinimums(in Unsafe.Add(ref start, SixBits)), -HalfBits.Read(in Unsafe.Add(ref start, Minimum)));
        second = default;
    }

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[SuperBlock.Length];
        WriteScales(from, 15, codes, ref block);
        SuperBlock.WriteBits(codes, 0, 4, 2, ref Unsafe.Add(ref block, Pairs));
    }

    /// <summary>d, e, s and m at the start of a block, as q4_k and q5_k have them; q goes to <paramref name="codes"/>.</summary>
    public static void WriteScales(ReadOnlySpan<float> from, int highest, Span<sbyte> codes, ref byte block)
    {
        Span<sbyte> scales = stackalloc sbyte[8], minimums = stackalloc sbyte[8];
        var search = new SuperScaleSearch(from, Part, codes);
        search.Affine(highest, 63, scales, minimums);
        Unsafe.WriteUnaligned(ref block, search.Scale);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Minimum), search.Minimum);
        SuperBlock.WriteSixBits(scales, minimums, ref Unsafe.Add(ref block, SixBits));
    }
}
