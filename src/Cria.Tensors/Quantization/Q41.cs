using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q4_1: w = d·q + m, q from 0 to 15. A block of 32 numbers is d and m in half precision, then 16 bytes of <see cref="Nibbles"/>.</summary>
internal readonly struct Q41 : ISmallBlock
{
    private const int Pairs = 4;

    public static int Size => 20;

    public static bool HasOffset => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ref readonly byte block, out Vector128<sbyte> first, out Vector128<sbyte> second) =>
        Nibbles.Split(in Unsafe.Add(ref Unsafe.AsRef(in block), Pairs), out first, out second);

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[32];
        var (scale, minimum) = ScaleSearch.WriteScales(ScaleSearch.Affine(from, 15), ref block);
        ScaleSearch.Round(from, scale, minimum, 0, 15, codes);
        Nibbles.Write(codes, ref Unsafe.Add(ref block, Pairs));
    }
}
