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
    public static void Run(
        ref readonly float a, nint rowStride, nint depthStride, ref readonly float b, nint bStride,
        ref float c, nint cStride, int rows, int columns, int depth, bool add)
    {
        ref float pa = ref Unsafe.AsRef(in a);
        ref float pb = ref Unsafe.AsRef(in b);
        int width = TLanes.Count, column = 0;
        for (; column + 2 * width <= columns; column += 2 * width)
        {
            for (int row = 0, rest; (rest = rows - row) > 0; row += rest >= 6 ? 6 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1)
            {
                ref float left = ref Unsafe.Add(ref pa, row * rowStride), right = ref Unsafe.Add(ref pb, column), place = ref Unsafe.Add(ref c, row * cStride + column);
                if (rest >= 6)
                    Tile<Rows6>(ref left, rowStride, depthStride, ref right, bStride, ref place, cStride, depth, add);
                else if (rest >= 4)
                    Tile<Rows4>(ref left, rowStride, depthStride, ref right, bStride, ref place, cStride, depth, add);
                else if (rest >= 2)
                    Tile<Rows2>(ref left, rowStride, depthStride, ref right, bStride, ref place, cStride, depth, add);
                else
                    Tile<Rows1>(ref left, rowStride, depthStride, ref right, bStride, ref place, cStride, depth, add);
            }
        }
        for (int row = 0; row < rows && column < columns; row++)
            Rest(ref Unsafe.Add(ref pa, row * rowStride), depthStride, ref Unsafe.Add(ref pb, column), bStride, ref Unsafe.Add(ref c, row * cStride + column), columns - column, depth, add);
    }

    // Up to six rows and two vectors of columns, in registers: row i is (ci, di). Rows above the count are never touched, and the JIT drops them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows>(
        ref float a0, nint rowStride, nint depthStride, ref float b, nint bStride, ref float c, nint cStride, int depth, bool add)
        where TRows : struct, ITileRows
    {
        ref float a1 = ref Unsafe.Add(ref a0, TRows.Count > 1 ? rowStride : 0);
        ref float a2 = ref Unsafe.Add(ref a1, TRows.Count > 2 ? rowStride : 0);
        ref float a3 = ref Unsafe.Add(ref a2, TRows.Count > 3 ? rowStride : 0);
        ref float a4 = ref Unsafe.Add(ref a3, TRows.Count > 4 ? rowStride : 0);
        ref float a5 = ref Unsafe.Add(ref a4, TRows.Count > 5 ? rowStride : 0);
        TVector c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        TVector d0 = default, d1 = default, d2 = default, d3 = default, d4 = default, d5 = default;
        if (add)
        {
            Load(ref c, ref c0, ref d0);
            if (TRows.Count > 1)
                Load(ref Unsafe.Add(ref c, cStride), ref c1, ref d1);
            if (TRows.Count > 2)
                Load(ref Unsafe.Add(ref c, 2 * cStride), ref c2, ref d2);
            if (TRows.Count > 3)
                Load(ref Unsafe.Add(ref c, 3 * cStride), ref c3, ref d3);
            if (TRows.Count > 4)
                Load(ref Unsafe.Add(ref c, 4 * cStride), ref c4, ref d4);
            if (TRows.Count > 5)
                Load(ref Unsafe.Add(ref c, 5 * cStride), ref c5, ref d5);
        }
        // Two steps a turn: what a turn costs besides is as much as a row.
        nint at = 0;
        for (; depth >= 2; depth -= 2)
        {
            Step<TRows>(at, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref b, ref c0, ref d0, ref c1, ref d1, ref c2, ref d2, ref c3, ref d3, ref c4, ref d4, ref c5, ref d5);
            Step<TRows>(at + depthStride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref Unsafe.Add(ref b, bStride), ref c0, ref d0, ref c1, ref d1, ref c2, ref d2, ref c3, ref d3, ref c4, ref d4, ref c5, ref d5);
            at += 2 * depthStride;
            b = ref Unsafe.Add(ref b, 2 * bStride);
        }
        if (depth > 0)
            Step<TRows>(at, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref b, ref c0, ref d0, ref c1, ref d1, ref c2, ref d2, ref c3, ref d3, ref c4, ref d4, ref c5, ref d5);
        Store(c0, d0, ref c);
        if (TRows.Count > 1)
            Store(c1, d1, ref Unsafe.Add(ref c, cStride));
        if (TRows.Count > 2)
            Store(c2, d2, ref Unsafe.Add(ref c, 2 * cStride));
        if (TRows.Count > 3)
            Store(c3, d3, ref Unsafe.Add(ref c, 3 * cStride));
        if (TRows.Count > 4)
            Store(c4, d4, ref Unsafe.Add(ref c, 4 * cStride));
        if (TRows.Count > 5)
            Store(c5, d5, ref Unsafe.Add(ref c, 5 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TRows>(
        nint at, ref float a0, ref float a1, ref float a2, ref float a3, ref float a4, ref float a5, ref float b,
        ref TVector c0, ref TVector d0, ref TVector c1, ref TVector d1, ref TVector c2, ref TVector d2,
        ref TVector c3, ref TVector d3, ref TVector c4, ref TVector d4, ref TVector c5, ref TVector d5)
        where TRows : struct, ITileRows
    {
        TVector b0 = TLanes.Load(ref b, 0), b1 = TLanes.Load(ref b, (nuint)TLanes.Count);
        AddRow(Unsafe.Add(ref a0, at), b0, b1, ref c0, ref d0);
        if (TRows.Count > 1)
            AddRow(Unsafe.Add(ref a1, at), b0, b1, ref c1, ref d1);
        if (TRows.Count > 2)
            AddRow(Unsafe.Add(ref a2, at), b0, b1, ref c2, ref d2);
        if (TRows.Count > 3)
            AddRow(Unsafe.Add(ref a3, at), b0, b1, ref c3, ref d3);
        if (TRows.Count > 4)
            AddRow(Unsafe.Add(ref a4, at), b0, b1, ref c4, ref d4);
        if (TRows.Count > 5)
            AddRow(Unsafe.Add(ref a5, at), b0, b1, ref c5, ref d5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(float a, TVector b0, TVector b1, ref TVector c, ref TVector d)
    {
        var x = TLanes.Splat(a);
        c = TLanes.MultiplyAdd(x, b0, c);
        d = TLanes.MultiplyAdd(x, b1, d);
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
    private static void Load(ref float c, ref TVector first, ref TVector second)
    {
        first = TLanes.Load(ref c, 0);
        second = TLanes.Load(ref c, (nuint)TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, ref float c)
    {
        TLanes.Store(first, ref c, 0);
        TLanes.Store(second, ref c, (nuint)TLanes.Count);
    }
}
