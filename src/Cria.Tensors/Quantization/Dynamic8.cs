using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>Which of the two maps: numbers with signs, or without.</summary>
internal interface IDynamicMap
{
    static abstract float[] Codes { get; }
}

/// <summary>For means.</summary>
internal readonly struct SignedMap : IDynamicMap
{
    public static float[] Codes => DynamicMap.Codes;
}

/// <summary>For means of squares.</summary>
internal readonly struct UnsignedMap : IDynamicMap
{
    public static float[] Codes => DynamicMap.UnsignedCodes;
}

/// <summary>dynamic8: w = a · c[q]. A block of 256 numbers is 256 bytes q, then a = max|w|: 260 bytes. The optimizer's states, never a weight.</summary>
/// <remarks>Dettmers et al. 2022, <see href="https://arxiv.org/abs/2110.02861"/>: block-wise states of 8 bits.</remarks>
internal readonly struct Dynamic8<TMap> : ICodec
    where TMap : struct, IDynamicMap
{
    private const int Length = 256, Size = 260, Scale = 256;

    public static int BlockLength => Length;

    public static int Step => Length;

    public static long Bytes(long elements) => checked((elements + Length - 1) / Length * Size);

    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (nuint i = 0; i < Length; i++)
            Unsafe.Add(ref to, i) = Number(in tensor, element + i);
    }

    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => throw new NotSupportedException("Nothing is multiplied with an optimizer's state.");

    public static float Number(ref readonly byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        return TMap.Codes[Unsafe.Add(ref block, element % Length)] * Unsafe.ReadUnaligned<float>(in Unsafe.Add(ref block, Scale));
    }

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        float scale = CodeBook.MaxMagnitude(from), inverse = CodeBook.Inverse(scale);
        for (int i = 0; i < from.Length; i++)
            Unsafe.Add(ref block, i) = (byte)CodeBook.Nearest(TMap.Codes, from[i] * inverse);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Scale), scale);
    }

    private static ref byte Block(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element / Length * Size);
}
