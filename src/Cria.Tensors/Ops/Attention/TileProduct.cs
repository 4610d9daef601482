using System.Runtime.CompilerServices;

namespace Cria.Tensors;

/// <summary>C = A B, or C += A B, of matrices that fit a core's cache, where they lie.</summary>
/// <remarks>
/// A number of A is spread over a vector, so A may lie either way: <c>A[i, k]</c> stands at <c>i · rowStride + k · depthStride</c>. Rows of B
/// and C are contiguous. Every number of C is one chain of multiply-adds in the order of k, wherever it lies in its tile.
/// </remarks>
internal static class TileProduct<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Tall = 4;     // with two vectors of columns, eight chains: enough to fill both multipliers of a core

    public static void Run(
        ref readonly float a, nint rowStride, nint depthStride, ref readonly float b, nint bStride,
        ref float c, nint cStride, int rows, int columns, int depth, bool add)
    {
        ref float pa = ref Unsafe.AsRef(in a);
        ref float pb = ref Unsafe.AsRef(in b);
        int width = TLanes.Count, column = 0;
        for (; column + 2 * width <= columns; column += 2 * width)
        {
            int row = 0;
            for (; row + Tall <= rows; row += Tall)
                FourByTwo(ref Unsafe.Add(ref pa, row * rowStride), rowStride, depthStride, ref Unsafe.Add(ref pb, column), bStride, ref Unsafe.Add(ref c, row * cStride + column), cStride, depth, add);
            for (; row < rows; row++)
                OneByTwo(ref Unsafe.Add(ref pa, row * rowStride), depthStride, ref Unsafe.Add(ref pb, column), bStride, ref Unsafe.Add(ref c, row * cStride + column), depth, add);
        }
        for (int row = 0; row < rows && column < columns; row++)
            Rest(ref Unsafe.Add(ref pa, row * rowStride), depthStride, ref Unsafe.Add(ref pb, column), bStride, ref Unsafe.Add(ref c, row * cStride + column), columns - column, depth, add);
    }

    private static void FourByTwo(
        ref float a0, nint rowStride, nint depthStride, ref float b, nint bStride, ref float c, nint cStride, int depth, bool add)
    {
        nuint width = (nuint)TLanes.Count;
        ref float a1 = ref Unsafe.Add(ref a0, rowStride);
        ref float a2 = ref Unsafe.Add(ref a1, rowStride);
        ref float a3 = ref Unsafe.Add(ref a2, rowStride);
        TVector c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        ref float c1 = ref Unsafe.Add(ref c, cStride);
        ref float c2 = ref Unsafe.Add(ref c1, cStride);
        ref float c3 = ref Unsafe.Add(ref c2, cStride);
        if (add)
        {
            (c00, c01) = (TLanes.Load(in c, 0), TLanes.Load(in c, width));
            (c10, c11) = (TLanes.Load(in c1, 0), TLanes.Load(in c1, width));
            (c20, c21) = (TLanes.Load(in c2, 0), TLanes.Load(in c2, width));
            (c30, c31) = (TLanes.Load(in c3, 0), TLanes.Load(in c3, width));
        }
        nint at = 0;
        for (int k = 0; k < depth; k++)
        {
            var (b0, b1) = (TLanes.Load(in b, 0), TLanes.Load(in b, width));
            var x = TLanes.Splat(Unsafe.Add(ref a0, at));
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            x = TLanes.Splat(Unsafe.Add(ref a1, at));
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            x = TLanes.Splat(Unsafe.Add(ref a2, at));
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            x = TLanes.Splat(Unsafe.Add(ref a3, at));
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
            at += depthStride;
            b = ref Unsafe.Add(ref b, bStride);
        }
        Store(c00, c01, ref c);
        Store(c10, c11, ref c1);
        Store(c20, c21, ref c2);
        Store(c30, c31, ref c3);
    }

    private static void OneByTwo(ref float a, nint depthStride, ref float b, nint bStride, ref float c, int depth, bool add)
    {
        nuint width = (nuint)TLanes.Count;
        TVector c0 = default, c1 = default;
        if (add)
            (c0, c1) = (TLanes.Load(in c, 0), TLanes.Load(in c, width));
        for (int k = 0; k < depth; k++)
        {
            var x = TLanes.Splat(a);
            c0 = TLanes.MultiplyAdd(x, TLanes.Load(in b, 0), c0);
            c1 = TLanes.MultiplyAdd(x, TLanes.Load(in b, width), c1);
            a = ref Unsafe.Add(ref a, depthStride);
            b = ref Unsafe.Add(ref b, bStride);
        }
        Store(c0, c1, ref c);
    }

    /// <summary>Fewer columns than two vectors: one vector if it fits, and number by number.</summary>
    private static void Rest(ref float a, nint depthStride, ref float b, nint bStride, ref float c, int columns, int depth, bool add)
    {
        int column = 0;
        for (; column + TLanes.Count <= columns; column += TLanes.Count)
        {
            var sum = add ? TLanes.Load(in c, (nuint)column) : default;
            for (nint k = 0; k < depth; k++)
                sum = TLanes.MultiplyAdd(TLanes.Splat(Unsafe.Add(ref a, k * depthStride)), TLanes.Load(in Unsafe.Add(ref b, k * bStride), (nuint)column), sum);
            TLanes.Store(sum, ref c, (nuint)column);
        }
        for (; column < columns; column++)
        {
            float sum = add ? Unsafe.Add(ref c, column) : 0;
            for (nint k = 0; k < depth; k++)
                sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref a, k * depthStride), Unsafe.Add(ref b, k * bStride + column), sum);
            Unsafe.Add(ref c, column) = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, ref float c)
    {
        TLanes.Store(first, ref c, 0);
        TLanes.Store(second, ref c, (nuint)TLanes.Count);
    }
}
