using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors.Quantization;

/// <summary>A byte, or a half, of each of eight rows.</summary>
internal static class RowBytes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(ref readonly byte at)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in at)).AsByte();
        if (Avx2.IsSupported)
            return Avx2.ConvertToVector256Int32(bytes);
        var shorts = Vector128.WidenLower(bytes);
        return Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)).AsInt32();
    }

    /// <summary>With its sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadSigned(ref readonly byte at) => Load(in at) << 24 >> 24;

    /// <summary>Scales in half precision: finite numbers.</summary>
    /// <remarks>Without the product that <see cref="HalfBits"/> takes: subnormal halves would be subnormal floats for a moment, for which processors take a hundred cycles, and K types are full of them.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Halves(ref readonly byte at)
    {
        var halves = Vector128.LoadUnsafe(in at).AsInt16();
        var signed = Avx2.IsSupported ? Avx2.ConvertToVector256Int32(halves) : Vector256.Create(Vector128.WidenLower(halves), Vector128.WidenUpper(halves));
        Vector256<int> bits = signed << HalfBits.Shift & Vector256.Create(HalfBits.Magnitude), one = Vector256.Create(HalfBits.SmallestNormal);
        var normal = bits + Vector256.Create(HalfBits.ExponentOffset);
        var subnormal = ((bits | one).AsSingle() - one.AsSingle()).AsInt32();
        var number = Vector256.ConditionalSelect(Vector256.LessThan(bits, Vector256.Create(HalfBits.FirstNormal)), subnormal, normal);
        return (number | signed & Vector256.Create(int.MinValue)).AsSingle();
    }
}
