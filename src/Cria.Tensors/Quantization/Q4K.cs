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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ref readonly byte block, ref sbyte codes)
    {
        ref byte pairs = ref Unsafe.Add(ref Unsafe.AsRef(in block), Pairs);
        for (nuint i = 0; i < 4; i++)
        {
            var bytes = Vector256.LoadUnsafe(ref pairs, 32 * i);
            (bytes & Vector256.Create((byte)15)).AsSByte().StoreUnsafe(ref codes, 64 * i);
            SuperBlock.Right(bytes, 4, 15).AsSByte().StoreUnsafe(ref codes, 64 * i + 32);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(ref readonly byte block, ref float scales, ref float offsets)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        SuperBlock.ReadSixBits(in Unsafe.Add(ref start, SixBits), out ulong s, out ulong m);
        SuperBlock.Multiply(s, 0, HalfBits.Read(in start), ref scales);
        SuperBlock.Multiply(m, 0, -HalfBits.Read(in Unsafe.Add(ref start, Minimum)), ref offsets);
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
