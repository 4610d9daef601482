using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

internal static partial class SideBySideDot<TGroup>
{
    /// <summary>Eight rows: codes are taken apart half as often as for two times four.</summary>
    // A loop over the steps, not one after another: only so does the compiler keep eight sums in registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyEight(ref byte group, ref float x, int xStride, int columns, ref float y, int yStride)
    {
        Vector256<float> y0 = default, y1 = default, y2 = default, y3 = default, y4 = default, y5 = default, y6 = default, y7 = default;
        nuint stride = (nuint)xStride;
        for (int column = 0; column < columns; column += TGroup.Length)
        {
            TGroup.Units(in group, out var scale, out var offset);
            for (int part = 0; part < TGroup.Length / TGroup.Part; part++)
            {
                Simd.Prefetch(ref Unsafe.Add(ref group, part * PartBytes), PrefetchBytes, PartBytes);
                ref float numbers = ref Unsafe.Add(ref x, ChunkOf(part));
                nuint half = HalfOf(part);
                Vector256<int> s0 = Start(ref numbers, 0, half), s1 = Start(ref numbers, stride, half);
                Vector256<int> s2 = Start(ref numbers, 2 * stride, half), s3 = Start(ref numbers, 3 * stride, half);
                Vector256<int> s4 = Start(ref numbers, 4 * stride, half), s5 = Start(ref numbers, 5 * stride, half);
                Vector256<int> s6 = Start(ref numbers, 6 * stride, half), s7 = Start(ref numbers, 7 * stride, half);

                for (nuint step = 0; step < (nuint)TGroup.Part / 8; step++)
                {
                    TGroup.Codes(in group, (nuint)(part * (TGroup.Part / 8)) + step, out var a, out var b, out var c, out var d);
                    ref int pairs = ref Unsafe.As<float, int>(ref Unsafe.Add(ref numbers, 8 * half + 4 * step));
                    s0 = Add(a, b, c, d, ref pairs, s0);
                    s1 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, stride), s1);
                    s2 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, 2 * stride), s2);
                    s3 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, 3 * stride), s3);
                    s4 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, 4 * stride), s4);
                    s5 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, 5 * stride), s5);
                    s6 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, 6 * stride), s6);
                    s7 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, 7 * stride), s7);
                }

                Vector256<float> scales = TGroup.Scales(in group, part, scale), offsets = TGroup.Offsets(in group, part, offset);
                y0 = Scale(s0, scales, offsets, ref numbers, half, y0);
                y1 = Scale(s1, scales, offsets, ref Unsafe.Add(ref numbers, stride), half, y1);
                y2 = Scale(s2, scales, offsets, ref Unsafe.Add(ref numbers, 2 * stride), half, y2);
                y3 = Scale(s3, scales, offsets, ref Unsafe.Add(ref numbers, 3 * stride), half, y3);
                y4 = Scale(s4, scales, offsets, ref Unsafe.Add(ref numbers, 4 * stride), half, y4);
                y5 = Scale(s5, scales, offsets, ref Unsafe.Add(ref numbers, 5 * stride), half, y5);
                y6 = Scale(s6, scales, offsets, ref Unsafe.Add(ref numbers, 6 * stride), half, y6);
                y7 = Scale(s7, scales, offsets, ref Unsafe.Add(ref numbers, 7 * stride), half, y7);
            }
            group = ref Unsafe.Add(ref group, SideBySide.Rows * TGroup.Size);
            x = ref Unsafe.Add(ref x, TGroup.Length);
        }

        nuint apart = (nuint)yStride;
        y0.StoreUnsafe(ref y);
        y1.StoreUnsafe(ref y, apart);
        y2.StoreUnsafe(ref y, 2 * apart);
        y3.StoreUnsafe(ref y, 3 * apart);
        y4.StoreUnsafe(ref y, 4 * apart);
        y5.StoreUnsafe(ref y, 5 * apart);
        y6.StoreUnsafe(ref y, 6 * apart);
        y7.StoreUnsafe(ref y, 7 * apart);
    }
}
