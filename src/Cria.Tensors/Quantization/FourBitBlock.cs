using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors.Quantization;

/// <summary>64 numbers in 32 bytes by a book of sixteen: what the types with codes of 4 bits share, wherever they keep the scale.</summary>
internal static class FourBitBlock<TBook>
    where TBook : struct, IFourBitBook
{
    public const int Length = 64, Size = 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte nibbles, float scale, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte start = ref Unsafe.AsRef(in nibbles);
        var a = TLanes.Splat(scale);
        for (int i = 0; i < Size; i += TLanes.Count)
        {
            TLanes.LoadNibbles(in Unsafe.Add(ref start, i), in MemoryMarshal.GetReference(TBook.Codes), out var odd, out var even);
            TLanes.Interleave(TLanes.Multiply(even, a), TLanes.Multiply(odd, a), out var first, out var second);
            TLanes.Store(first, ref to, (nuint)(2 * i));
            TLanes.Store(second, ref to, (nuint)(2 * i + TLanes.Count));
        }
    }

    /// <summary>The 32 numbers of even index, then those of odd index: as high and low nibbles name them.</summary>
    public static void SplitPairs(ReadOnlySpan<float> x, Span<float> split)
    {
        for (int i = 0; i < Size; i++)
        {
            split[i] = x[2 * i];
            split[i + Size] = x[2 * i + 1];
        }
    }

    /// <summary>x as <see cref="SplitPairs"/> left it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte nibbles, float scale, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte start = ref Unsafe.AsRef(in nibbles);
        TVector s = default;
        for (int i = 0; i < Size; i += TLanes.Count)
        {
            TLanes.LoadNibbles(in Unsafe.Add(ref start, i), in MemoryMarshal.GetReference(TBook.Codes), out var odd, out var even);
            s = TLanes.MultiplyAdd(even, TLanes.Load(in x, (nuint)i), s);
            s = TLanes.MultiplyAdd(odd, TLanes.Load(in x, (nuint)i + Size), s);
        }
        return TLanes.MultiplyAdd(TLanes.Splat(scale), s, sum);
    }

    public static float Code(ref readonly byte nibbles, int i)
    {
        int pair = Unsafe.Add(ref Unsafe.AsRef(in nibbles), i / 2);
        return TBook.Codes[i % 2 == 0 ? pair >> 4 : pair & 15];
    }

    /// <summary>The nearest code of each number over the scale; what is missing of a short block is zero.</summary>
    public static void Write(ReadOnlySpan<float> from, float scale, Span<byte> nibbles)
    {
        float inverse = CodeBook.Inverse(scale);
        for (int i = 0; i < Length; i += 2)
            nibbles[i / 2] = (byte)(Nearest(from, i, inverse) << 4 | Nearest(from, i + 1, inverse));
    }

    private static int Nearest(ReadOnlySpan<float> from, int i, float inverse) => TBook.Nearest(i < from.Length ? from[i] * inverse : 0);
}
