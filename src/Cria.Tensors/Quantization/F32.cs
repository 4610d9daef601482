using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>Plain single-precision numbers.</summary>
internal readonly struct F32 : ICodec
{
    public static int BlockLength => 1;

    public static int Step => 32;

    public static long Bytes(long elements) => checked(elements * sizeof(float));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref float from = ref At(in tensor, element);
        for (int i = 0; i < Step; i += TLanes.Count)
            TLanes.Store(TLanes.Load(in from, (nuint)i), ref to, (nuint)i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref float from = ref At(in tensor, element);
        for (int i = 0; i < Step; i += TLanes.Count)
            sum = TLanes.MultiplyAdd(TLanes.Load(in from, (nuint)i), TLanes.Load(in x, (nuint)i), sum);
        return sum;
    }

    public static float Number(ref readonly byte tensor, nuint element) => At(in tensor, element);

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element) => At(in tensor, element) = from[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref float At(ref readonly byte tensor, nuint element) =>
        ref Unsafe.As<byte, float>(ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element * sizeof(float)));
}
