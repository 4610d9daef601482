using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>IEEE half precision: 5 bits of exponent, 11 of precision.</summary>
internal readonly struct F16 : IShortFloat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(ref readonly byte at)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.LoadHalves(in at);

    public static float ToFloat(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    public static ushort Round(float value) => BitConverter.HalfToUInt16Bits((Half)value);
}
