using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q5_0: w = d·(q − 16). A block of 32 numbers is d in half precision, 4 bytes with the fifth bits, 16 bytes of <see cref="Nibbles"/>.</summary>
internal readonly struct Q50 : ISmallBlock
{
    private const int Fifths = 2, Pairs = 6, Middle = 16;

    public static int Size => 22;

    public static bool HasOffset => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ref readonly byte block, out Vector128<sbyte> first, out Vector128<sbyte> second)
    {
        ref byte start = ref Unsafe.AsRef(in block);
        Nibbles.Split(in Unsafe.Add(ref start, Pairs), in Unsafe.Add(ref start, Fifths), out first, out second);
        first -= Vector128.Create((sbyte)Middle);
        second -= Vector128.Create((sbyte)Middle);
    }

    public static void Write(ReadOnlySpan<float> from, ref byte block)
    {
        Span<sbyte> codes = stackalloc sbyte[32];
        float scale = ScaleSearch.WriteScale(ScaleSearch.Symmetric(from, Middle), ref block);
        ScaleSearch.Round(from, scale, 0, -Middle, Middle - 1, codes);
        foreach (ref sbyte code in codes)
            code += Middle;
        Nibbles.WriteFifth(codes, ref Unsafe.Add(ref block, Fifths));
        Nibbles.Write(codes, ref Unsafe.Add(ref block, Pairs));
    }
}
