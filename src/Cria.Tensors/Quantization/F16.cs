using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>IEEE half precision: 5 bits of exponent, 11 of precision. Rounds to nearest, ties to even.</summary>
internal readonly struct F16 : ICodec
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
            TLanes.Store(TLanes.LoadHalves(in At(in tensor, element + (nuint)i)), ref to, (nuint)i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int i = 0; i < Step; i += TLanes.Count)
            sum = TLanes.MultiplyAdd(TLanes.LoadHalves(in At(in tensor, element + (nuint)i)), TLanes.Load(in x, (nuint)i), sum);
        return sum;
    }

    public static float Number(ref readonly byte tensor, nuint element) =>
        (float)Unsafe.ReadUnaligned<Half>(in At(in tensor, element));

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element) =>
        Unsafe.WriteUnaligned(ref At(in tensor, element), (Half)from[0]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte At(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element * sizeof(ushort));
}
