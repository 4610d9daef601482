using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>Floats of 16 bits, one after another: reading and multiplying those of any <see cref="IShortFloat"/>.</summary>
internal readonly struct SixteenBits<TFloat> : ICodec
    where TFloat : struct, IShortFloat
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
            TLanes.Store(TFloat.Load<TLanes, TVector>(in At(in tensor, element + (nuint)i)), ref to, (nuint)i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int i = 0; i < Step; i += TLanes.Count)
            sum = TLanes.MultiplyAdd(TFloat.Load<TLanes, TVector>(in At(in tensor, element + (nuint)i)), TLanes.Load(in x, (nuint)i), sum);
        return sum;
    }

    public static float Number(ref readonly byte tensor, nuint element) => TFloat.ToFloat(Unsafe.ReadUnaligned<ushort>(in At(in tensor, element)));

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element) =>
        Unsafe.WriteUnaligned(ref At(in tensor, element), TFloat.Round(from[0]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte At(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element * sizeof(ushort));
}

/// <summary>A float of 16 bits. Rounds to nearest, ties to even.</summary>
internal interface IShortFloat
{
    /// <summary>A vector of them as floats.</summary>
    static abstract TVector Load<TLanes, TVector>(ref readonly byte at)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    static abstract float ToFloat(ushort bits);

    static abstract ushort Round(float value);
}
