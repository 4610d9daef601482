using System.Runtime.CompilerServices;

namespace Cria.Tensors.Quantization;

/// <summary>bfloat16: the upper half of a float's bits, so 8 bits of precision.</summary>
internal readonly struct BF16 : IFloat
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(ref readonly byte at)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.LoadBFloats(in at);

    public static float Read(ref readonly byte at) => BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(in at) << 16);

    public static void Write(float value, ref byte at) => Unsafe.WriteUnaligned(ref at, Round(value));

    private static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)(bits >> 16 | 0x40);         // rounding could carry a NaN over into infinity
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }
}
