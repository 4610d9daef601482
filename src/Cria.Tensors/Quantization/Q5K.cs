using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q5_k: as <see cref="Q4K"/>, with q from 0 to 31: 176 bytes.</summary>
/// <remarks>Behind the scales stand 32 bytes with the fifth bits, bit j of byte i that of number 32 j + i; then the nibbles of q4_k.</remarks>
internal readonly struct Q5K : ISuperBlock
{
    private const int Fifths = 16, Pairs = 48;

    public static int Size => 176;

    public static int Part => 32;

    public static bool HasOffsets => true;

    public static int Middle => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte block, nuint half, out Vector256<byte> first, out Vector256<byte> second, out Vector256<byte> third, out Vector256<byte> fourth)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        Q4K.Nibbles(in Unsafe.Add(ref start, Pairs), half, out first, out second, out third, out fourth);
        var fifths = (Vector256.LoadUnsafe(ref start, Fifths).AsUInt16() >>> 4 * (int)half).AsByte();
        first |= SuperBlock.Left(fifths, 4, 16);
        second |= SuperBlock.Left(fifths, 3, 16);
        third |= SuperBlock.Left(fifths, 2, 16);
        fourth |= SuperBlock.Left(fifths, 1, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ref readonly byte block, out Vector256<float> first, out Vector256<float> second) => Q4K.Scales(in block, out first, out second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Offsets(ref readonly byte block, out Vector256<float> first, out Vector256<float> second) => Q4K.Offsets(in block, out first, out second);

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[SuperBlock.Length];
        Q4K.WriteScales(from, 31, codes, ref block);
        SuperBlock.WriteBits(codes, 4, 1, 8, ref Unsafe.Add(ref block, Fifths));
        SuperBlock.WriteBits(codes, 0, 4, 2, ref Unsafe.Add(ref block, Pairs));
    }
}
