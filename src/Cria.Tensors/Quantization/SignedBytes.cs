using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors.Quantization;

/// <summary>Codes of 8 bits as 16-bit integers.</summary>
internal static class SignedBytes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector256<sbyte> bytes, ref short to)
    {
        if (Avx2.IsSupported)
        {
            Avx2.ConvertToVector256Int16(bytes.GetLower()).StoreUnsafe(ref to);
            Avx2.ConvertToVector256Int16(bytes.GetUpper()).StoreUnsafe(ref to, 16);
            return;
        }
        var (low, high) = Vector256.Widen(bytes);
        low.StoreUnsafe(ref to);
        high.StoreUnsafe(ref to, 16);
    }
}
