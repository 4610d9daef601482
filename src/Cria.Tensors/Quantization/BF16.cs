using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>bfloat16: the upper half of a float's bits, so 8 bits of precision. Rounds to nearest, ties to even.</summary>
internal readonly struct BF16 : ICodec
{
    public static int BlockLength => 1;

    public static int Step => 32;

    public static long Bytes(long elements) => checked(elements * sizeof(ushort));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int i = 0; i < Step; i += TLanes.Count)
            TLanes.Store(TLanes.LoadBFloats(in At(in tensor, element + (nuint)i)), ref to, (nuint)i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int i = 0; i < Step; i += TLanes.Count)
            sum = TLanes.MultiplyAdd(TLanes.LoadBFloats(in At(in tensor, element + (nuint)i)), TLanes.Load(in x, (nuint)i), sum);
        return sum;
    }

    public static float Number(ref readonly byte tensor, nuint element) =>
        BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(in At(in tensor, element)) << 16);

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element) =>
        Unsafe.WriteUnaligned(ref At(in tensor, element), Round(from[0]));

    private static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)(bits >> 16 | 0x40);         // rounding could carry a NaN over into infinity
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte At(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element * sizeof(ushort));
}
