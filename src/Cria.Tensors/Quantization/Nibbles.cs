using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>32 codes in 16 bytes, number i low and number i + 16 high, and a fifth bit of each in 4 bytes: what GGUF's blocks of 32 share.</summary>
internal static class Nibbles
{
    private const int Pairs = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(ref readonly byte pairs, out Vector128<sbyte> low, out Vector128<sbyte> high)
    {
        var bytes = Vector128.LoadUnsafe(in pairs).AsSByte();
        low = bytes & Vector128.Create((sbyte)15);
        high = (bytes.AsUInt32() >>> 4).AsSByte() & Vector128.Create((sbyte)15);
    }

    /// <summary>The same with the fifth bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(ref readonly byte pairs, ref readonly byte fifths, out Vector128<sbyte> low, out Vector128<sbyte> high)
    {
        Split(in pairs, out low, out high);
        low |= Fifth(in fifths);
        high |= Fifth(in Unsafe.Add(ref Unsafe.AsRef(in fifths), 2));
    }

    // 16 where the bit of that number is set, else 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Fifth(ref readonly byte bits)
    {
        var each = Vector128.Create(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, (byte)128);
        var both = Vector128.Create(Unsafe.ReadUnaligned<ushort>(in bits)).AsByte();
        var spread = Vector128.Shuffle(both, Vector128.Create(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, (byte)1));
        return (Vector128.Equals(spread & each, each) & Vector128.Create((byte)16)).AsSByte();
    }

    /// <summary>The low four bits of 32 codes.</summary>
    public static void Write(ReadOnlySpan<sbyte> codes, ref byte pairs)
    {
        for (int i = 0; i < Pairs; i++)
            Unsafe.Add(ref pairs, i) = (byte)((codes[i] & 15) | (codes[i + Pairs] & 15) << 4);
    }

    /// <summary>The fifth bit of 32 codes.</summary>
    public static void WriteFifth(ReadOnlySpan<sbyte> codes, ref byte bits)
    {
        uint all = 0;
        for (int i = 0; i < codes.Length; i++)
            all |= (uint)(codes[i] >> 4 & 1) << i;
        Unsafe.WriteUnaligned(ref bits, all);
    }
}
