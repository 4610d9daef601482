using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors;
/// <summary>C = A Bᵀ or C += A Bᵀ for many rows and columns: c(i, j) = Σₖ a(i, k) · b(j, k), in register tiles over packed panels.</summary>
/// <remarks>
/// Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication". A is packed once by all threads; then each part
/// takes some rows and columns of C, and for each 256 terms unpacks its share of B (whatever its storage type) into floats that stay in
/// the core's second cache. The depth of 256 is the same everywhere, so each output is summed in the same order whatever the number of
/// threads, of rows or of columns.
/// </remarks>
internal static class Product
{
    private const long MostPackedFloats = 4 << 20;

    // What is unpacked of B at once: whole blocks of every format.
    internal const int Depth = 256;

    /// <summary>How many terms of so many rows are packed at once.</summary>
    internal static int PackedDepth(long rows, int depth) => (int)Math.Min(Math.Max(1, MostPackedFloats / (rows * Depth)) * Depth, depth);

    /// <summary>What the packed copy of one side takes, about: rows are rounded up to tiles.</summary>
    internal static long PackedBytes(long rows, int depth) => rows * PackedDepth(rows, depth) * sizeof(float);

    public static void Run(CpuBackend on, Operand a, Operand b, ProductTarget c)
    {
        if (Vector512.IsHardwareAccelerated)
            new Product<Lanes512, Vector512<float>, Rows12>(on, a, b, c).Run();
        else if (Vector256.IsHardwareAccelerated)
            new Product<Lanes256, Vector256<float>, Rows6>(on, a, b, c).Run();
        else
            new Product<Lanes128, Vector128<float>, Rows6>(on, a, b, c).Run();
    }
}

/// <summary>Where a product goes.</summary>
/// <param name="Matrix">f32, (rows of A, rows of B), or the other way round.</param>
/// <param name="Turned">Whether c(i, j) stands in row j, column i.</param>
/// <param name="Add">Whether the product is added to what is there.</param>
internal readonly record struct ProductTarget(Tensor Matrix, bool Turned, bool Add);

internal sealed class Product<TLanes, TVector, TRows>(CpuBackend on, Operand a, Operand b, ProductTarget c)
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TRows : struct, ITileRows
{
    // 256 terms of 128 columns are 128 KB: they fit a second cache beside what streams through it. The depth is whole blocks of every format.
    private const int Depth = Product.Depth, WideColumns = 128, NarrowColumns = 64;

    // Rows that are packed as one part, and the least that make a part: unpacking B must stay small beside multiplying with it.
    private const int PackedRows = 96, FewestRows = 96;

    private readonly int rows = a.Count, columns = b.Count, depth = a.Depth;
    private readonly int partColumns = PartColumns(on.Threads, b);
    private readonly int partRows = PartRows(on.Threads, a.Count, b.Count);

    // Where each number of B is used by one or two tiles only, a copy costs more than strides.
    private readonly bool inPlace =
        b.SumsRows && b.Matrix.Type == DataType.F32 && a.Count <= 2 * TRows.Count && b.Count % Columns == 0;

    private Storage packed = null!;
    private int slabStart, slabDepth;

    private static int Columns => 2 * TLanes.Count;

    private int RowPanels => (rows + TRows.Count - 1) / TRows.Count;

    public void Run()
    {
        // A deep sum over many rows is packed in slabs, so that the copy stays small.
        int most = Product.PackedDepth((long)RowPanels * TRows.Count, depth);
        int rowParts = (rows + partRows - 1) / partRows, columnParts = (columns + partColumns - 1) / partColumns;
        for (slabStart = 0; slabStart < depth; slabStart += slabDepth)
        {
            slabDepth = Math.Min(most, depth - slabStart);
            packed = on.Allocate((long)RowPanels * TRows.Count * slabDepth * sizeof(float));
            on.Workers.For((rows + PackedRows - 1) / PackedRows, Pack);
            on.Workers.For(rowParts * columnParts, part => Multiply(part % rowParts * partRows, part / rowParts * partColumns));
            on.Recycle(packed);
        }
    }

    private static int PartColumns(int threads, Operand b)
    {
        int columns = b.Count >= 4 * threads * WideColumns ? WideColumns : NarrowColumns;
        return b.SumsRows ? Math.Max(columns, b.Matrix.Type.BlockLength) : columns;
    }

    private static int PartRows(int threads, int rows, int columns)
    {
        int columnParts = (columns + NarrowColumns - 1) / NarrowColumns;
        int rowParts = Math.Clamp((4 * threads + columnParts - 1) / columnParts, 1, Math.Max(1, rows / FewestRows));
        int each = (rows + rowParts - 1) / rowParts;
        return (each + TRows.Count - 1) / TRows.Count * TRows.Count;
    }

    private void Pack(int part)
    {
        int first = part * PackedRows, count = Math.Min(PackedRows, rows - first);
        int panels = (count + TRows.Count - 1) / TRows.Count;
        var to = packed.Floats((long)first * slabDepth, panels * TRows.Count * slabDepth);
        a.Pack(first, count, TRows.Count, slabStart, slabDepth, to);
    }

    private void Multiply(int firstRow, int firstColumn)
    {
        int columnCount = Math.Min(partColumns, columns - firstColumn);
        using var panels = new Scratch(inPlace ? 0 : (columnCount + Columns - 1) / Columns * Columns * Depth);
        for (int k = 0; k < slabDepth; k += Depth)
        {
            int terms = Math.Min(Depth, slabDepth - k);
            if (inPlace)
            {
                ref float rows = ref b.Matrix.Storage.Floats((long)(slabStart + k) * columns + firstColumn, 1)[0];
                MultiplyPart(ref rows, (nuint)columns, Columns, k, terms, firstRow, firstColumn, columnCount);
                continue;
            }
            b.Pack(firstColumn, columnCount, Columns, slabStart + k, terms, panels.Floats);
            MultiplyPart(ref panels.Floats[0], (nuint)Columns, Columns * terms, k, terms, firstRow, firstColumn, columnCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyPart(ref float right, nuint stride, int panel, int k, int terms, int firstRow, int firstColumn, int columnCount)
    {
        bool add = c.Add || slabStart + k > 0;
        int end = Math.Min(firstRow + partRows, rows);
        for (int row = firstRow; row < end; row += TRows.Count)
        {
            ref float left = ref packed.Floats((long)row * slabDepth + (long)k * TRows.Count, 1)[0];
            for (int column = 0; column < columnCount; column += Columns)
            {
                var tile = new Tile(row, Math.Min(TRows.Count, end - row), firstColumn + column, Math.Min(Columns, columnCount - column));
                MultiplyTile(ref left, ref Unsafe.Add(ref right, column / Columns * panel), stride, terms, tile, add);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyTile(ref float left, ref float right, nuint stride, int terms, Tile tile, bool add)
    {
        if (!c.Turned && tile.Width == Columns)
        {
            ref float target = ref c.Matrix.Storage.Floats((long)tile.Row * columns + tile.Column, 1)[0];
            MultiplyRows(ref left, ref right, stride, terms, ref target, (nuint)columns, tile.Height, add);
            return;
        }
        // Over the edge, or turned: through a whole tile of its own.
        Span<float> whole = stackalloc float[TRows.Count * Columns];
        MultiplyRows(ref left, ref right, stride, terms, ref whole[0], (nuint)Columns, tile.Height, add: false);
        for (int i = 0; i < tile.Height; i++)
        {
            long element = c.Turned ? (long)tile.Column * rows + tile.Row + i : (long)(tile.Row + i) * columns + tile.Column;
            ref float target = ref c.Matrix.Storage.Floats(element, 1)[0];
            Scatter(whole.Slice(i * Columns, tile.Width), ref target, c.Turned ? rows : 1, add);
        }
    }

    private static void Scatter(ReadOnlySpan<float> from, ref float to, int step, bool add)
    {
        foreach (float sum in from)
        {
            to = add ? to + sum : sum;
            to = ref Unsafe.Add(ref to, step);
        }
    }

    // The last rows take the tiles of 8, 4, 2 and 1 rows that make up their number.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRows(ref float left, ref float right, nuint stride, int terms, ref float target, nuint step, int height, bool add)
    {
        nuint panel = (nuint)TRows.Count;
        for (int done = 0; done < height;)
        {
            ref float x = ref Unsafe.Add(ref left, done);
            ref float y = ref Unsafe.Add(ref target, (nuint)done * step);
            int rest = height - done;
            if (rest >= TRows.Count)
                RegisterTile.Multiply<TLanes, TVector, TRows>(ref x, panel, ref right, stride, terms, ref y, step, add);
            else if (rest >= 8)
                RegisterTile.Multiply<TLanes, TVector, Rows8>(ref x, panel, ref right, stride, terms, ref y, step, add);
            else if (rest >= 4)
                RegisterTile.Multiply<TLanes, TVector, Rows4>(ref x, panel, ref right, stride, terms, ref y, step, add);
            else if (rest >= 2)
                RegisterTile.Multiply<TLanes, TVector, Rows2>(ref x, panel, ref right, stride, terms, ref y, step, add);
            else
                RegisterTile.Multiply<TLanes, TVector, Rows1>(ref x, panel, ref right, stride, terms, ref y, step, add);
            done += rest >= TRows.Count ? TRows.Count : rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
        }
    }

    private readonly record struct Tile(int Row, int Height, int Column, int Width);
}
