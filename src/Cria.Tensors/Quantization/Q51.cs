using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q5_1: w = d·q + m, q from 0 to 31. A block of 32 numbers is d and m in half precision, 4 bytes with the fifth bits, 16 bytes of <see cref="Nibbles"/>.</summary>
internal readonly struct Q51 : ISmallBlock
{
    private const int Fifths = 4, Pairs = 8;

    public static int Size => 24;

    public static bool HasOffset => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ref readonly byte block, out Vector128<sbyte> first, out Vector128<sbyte> second)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        Nibbles.Split(in Unsafe.Add(ref start, Pairs), in Unsafe.Add(ref start, Fifths), out first, out second);
    }

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[32];
        var (scale, minimum) = ScaleSearch.WriteScales(ScaleSearch.Affine(from, 31), ref block);
        ScaleSearch.Round(from, scale, minimum, 0, 31, codes);
        Nibbles.WriteFifth(codes, ref Unsafe.Add(ref block, Fifths));
        Nibbles.Write(codes, ref Unsafe.Add(ref block, Pairs));
    }
}
