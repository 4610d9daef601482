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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ref readonly byte block, ref sbyte codes)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        var fifths = Vector256.LoadUnsafe(ref start, Fifths);
        for (nuint i = 0; i < 4; i++)
        {
            var bytes = Vector256.LoadUnsafe(ref start, Pairs + 32 * i);
            (bytes & Vector256.Create((byte)15) | SuperBlock.Left(fifths, 4, 16)).AsSByte().StoreUnsafe(ref codes, 64 * i);
            (SuperBlock.Right(bytes, 4, 15) | SuperBlock.Left(fifths, 3, 16)).AsSByte().StoreUnsafe(ref codes, 64 * i + 32);
            fifths = (fifths.AsUInt16() >>> 2).AsByte();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ref readonly byte block, ref float scales, ref float offsets) => Q4K.Scales(in block, ref scales, ref offsets);

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[SuperBlock.Length];
        Q4K.WriteScales(from, 31, codes, ref block);
        SuperBlock.WriteBits(codes, 4, 1, 8, ref Unsafe.Add(ref block, Fifths));
        SuperBlock.WriteBits(codes, 0, 4, 2, ref Unsafe.Add(ref block, Pairs));
    }
}
