using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors.Quantization;

/// <summary>Codes of 8 bits as 16-bit integers.</summary>
internal static class SignedBytes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Widen(Vector128<sbyte> bytes) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int16(bytes) : Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector256<sbyte> bytes, ref short to)
    {
        Widen(bytes.GetLower()).StoreUnsafe(ref to);
        Widen(bytes.GetUpper()).StoreUnsafe(ref to, 16);
    }
}
