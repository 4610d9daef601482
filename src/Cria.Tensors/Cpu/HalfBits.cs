using System.Runtime.CompilerServices;

namespace Cria.Tensors;

/// <summary>Half precision to single by a shift and a product: .NET converts one number at a time, in software.</summary>
/// <remarks>
/// Sign-extended to 32 bits and shifted by the 13 bits that the mantissa is shorter, a half is a float whose exponent is too small by
/// 127 − 15 = 112, subnormal ones included; a product with 2¹¹² puts that right and is exact.
/// </remarks>
internal static class HalfBits
{
    public const int Shift = 13;
    public const int Mask = unchecked((int)0x8FFF_E000);
    public const int Exponent = 0x0F80_0000;        // all ones in a half's exponent, shifted: an infinity or NaN
    public const int Special = 0x7F80_0000;         // all ones in a float's exponent
    public const int Magnitude = 0x0FFF_E000;
    public const int ExponentOffset = 112 << 23;
    public const int SmallestNormal = 113 << 23;    // of a half, as a float: 2⁻¹⁴
    public const int FirstNormal = 1 << 23;         // bits of a magnitude from which on it is not subnormal
    public const float Scale = 5.192296858534828e33f;

    /// <summary>The scale of a block, a finite number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(ref readonly byte at) => ReadSmall(in at) * Scale;

    /// <summary>The scale of a block over 2¹¹², for who multiplies it anyway, with a factor that is as much greater.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ReadSmall(ref readonly byte at) => BitConverter.Int32BitsToSingle(Unsafe.ReadUnaligned<short>(in at) << Shift & Mask);
}
