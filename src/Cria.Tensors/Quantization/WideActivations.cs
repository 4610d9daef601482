using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>32 activations as 16-bit integers with a scale, x = s · n, so that products with small integer weights run in integers.</summary>
/// <remarks>
/// The error is at most max|x| / 65,534, five hundred times less than that of an 8-bit weight. It doubles the speed against floats:
/// twice as many numbers fit a vector, and one instruction multiplies and adds pairs.
/// In 32 floats: the shorts fill the first 16, then follows s · 2¹¹², as <see cref="HalfBits.ReadSmall"/> wants it; the rest is unused.
/// </remarks>
internal static class WideActivations
{
    private const int Length = 32, ScaleAt = 16;

    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged)
    {
        ref float start = ref MemoryMarshal.GetReference(x[..Length]);
        ref short numbers = ref Unsafe.As<float, short>(ref MemoryMarshal.GetReference(arranged[..Length]));
        var max = Vector128<float>.Zero;
        for (nuint i = 0; i < Length; i += 4)
            max = Vector128.Max(max, Vector128.Abs(Vector128.LoadUnsafe(ref start, i)));

        // Not a number and infinity become the scale, and so the result.
        float largest = Math.Max(Math.Max(max[0], max[1]), Math.Max(max[2], max[3]));
        arranged[ScaleAt] = largest / short.MaxValue * HalfBits.Scale;
        var inverse = Vector128.Create(largest == 0 ? 0 : short.MaxValue / largest);
        for (nuint i = 0; i < Length; i += 8)
        {
            var low = Vector128.ConvertToInt32(Vector128.Round(Vector128.LoadUnsafe(ref start, i) * inverse));
            var high = Vector128.ConvertToInt32(Vector128.Round(Vector128.LoadUnsafe(ref start, i + 4) * inverse));
            Vector128.Narrow(low, high).StoreUnsafe(ref numbers, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly short Numbers(ref readonly float arranged) => ref Unsafe.As<float, short>(ref Unsafe.AsRef(in arranged));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(ref readonly float arranged) => Unsafe.Add(ref Unsafe.AsRef(in arranged), ScaleAt);
}
