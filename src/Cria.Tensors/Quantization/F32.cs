using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>Single precision: 8 bits of exponent, 24 of precision.</summary>
internal readonly struct F32 : IFloat
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(ref readonly byte at)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.Load(in Unsafe.As<byte, float>(ref Unsafe.AsRef(in at)), 0);

    public static float Read(ref readonly byte at) => Unsafe.ReadUnaligned<float>(in at);

    public static void Write(float value, ref byte at) => Unsafe.WriteUnaligned(ref at, value);
}
