using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>IEEE half precision: 5 bits of exponent, 11 of precision.</summary>
internal readonly struct F16 : IFloat
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(ref readonly byte at)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.LoadHalves(in at);

    public static float Read(ref readonly byte at) => (float)Unsafe.ReadUnaligned<Half>(in at);

    public static void Write(float value, ref byte at) => Unsafe.WriteUnaligned(ref at, (Half)value);
}
