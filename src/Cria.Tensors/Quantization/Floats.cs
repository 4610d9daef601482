using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>Floats, one after another: reading and multiplying those of any <see cref="IFloat"/>.</summary>
internal readonly struct Floats<TFloat> : ICodec
    where TFloat : struct, IFloat
{
    public static int BlockLength => 1;

    public static int Step => 32;

    public static long Bytes(long elements) => checked(elements * TFloat.Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int i = 0; i < Step; i += TLanes.Count)
            TLanes.Store(Load<TLanes, TVector>(in tensor, element + (nuint)i), ref to, (nuint)i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (int i = 0; i < Step; i += TLanes.Count)
            sum = TLanes.MultiplyAdd(Load<TLanes, TVector>(in tensor, element + (nuint)i), TLanes.Load(in x, (nuint)i), sum);
        return sum;
    }

    /// <summary>The vector that begins with a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(ref readonly byte tensor, nuint element)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TFloat.Load<TLanes, TVector>(in At(in tensor, element));

    public static float Number(ref readonly byte tensor, nuint element) => TFloat.Read(in At(in tensor, element));

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element) => TFloat.Write(from[0], ref At(in tensor, element));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte At(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element * (nuint)TFloat.Size);
}

/// <summary>A kind of float. Those that are shorter than ours are rounded to nearest, ties to even.</summary>
internal interface IFloat
{
    /// <summary>Its bytes.</summary>
    static abstract int Size { get; }

    /// <summary>A vector of them as floats.</summary>
    static abstract TVector Load<TLanes, TVector>(ref readonly byte at)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    static abstract float Read(ref readonly byte at);

    static abstract void Write(float value, ref byte at);
}
