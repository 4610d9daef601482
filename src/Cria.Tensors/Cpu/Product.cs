using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors;

/// <summary>C = A Bᵀ or C += A Bᵀ for many rows and columns: c(i, j) = Σₖ a(i, k) · b(j, k), in register tiles over packed panels.</summary>
/// <remarks>
/// Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication". A is packed once by all threads; then each part
/// takes some rows and columns of C, and for each 256 terms unpacks its share of B (whatever its storage type) into a panel that stays in
/// the core's second cache. The depth of 256 is the same everywhere, so each output is summed in the same order whatever the number of
/// threads, of rows or of columns. Where B holds small whole numbers the sums run in integers: see <see cref="IntegerPanel"/>.
/// </remarks>
internal static class Product
{
    private const long MostPackedFloats = 4 << 20;

    // What is unpacked of B at once: whole blocks of every format.
    internal const int Depth = 256;

    /// <summary>How many terms of so many rows are packed at once.</summary>
    internal static int PackedDepth(long rows, int depth) => (int)Math.Min(Math.Max(1, MostPackedFloats / (rows * Depth)) * Depth, depth);

    /// <summary>What the packed copy of one side takes in floats: whole tiles, as high as this processor's.</summary>
    internal static long PackedBytes(long rows, int depth)
    {
        int tile = Vector512.IsHardwareAccelerated ? Rows12.Count : Rows6.Count;
        long whole = (rows + tile - 1) / tile * tile;
        return whole * PackedDepth(whole, depth) * sizeof(float);
    }

    public static void Run(CpuBackend on, Operand a, Operand b, ProductTarget c)
    {
        if (!IntegerPanel.Fits(a, b))
            Run<FloatTerms>(on, a, b, c);
        else if (FusesPairs)
            RunIntegers<FusedPairs>(on, a, b, c);
        else
            RunIntegers<Pairs>(on, a, b, c);
    }

    // Code that is compiled ahead has to ask the processor: it does without, since it would be asked for in every step.
    private static bool FusesPairs => RuntimeFeature.IsDynamicCodeCompiled && AvxVnni.IsSupported;

    private static void RunIntegers<TPairs>(CpuBackend on, Operand a, Operand b, ProductTarget c)
        where TPairs : struct, IPairs
    {
        if (b.Matrix.Type.Format.HasOffsets)
            Run<OffsetTerms<TPairs>>(on, a, b, c);
        else
            Run<IntegerTerms<TPairs>>(on, a, b, c);
    }

    private static void Run<TTerms>(CpuBackend on, Operand a, Operand b, ProductTarget c)
        where TTerms : struct, ITerms
    {
        if (Vector512.IsHardwareAccelerated)
            new Product<Lanes512, Vector512<float>, Rows12, TTerms>(on, a, b, c).Run();
        else if (Vector256.IsHardwareAccelerated)
            new Product<Lanes256, Vector256<float>, Rows6, TTerms>(on, a, b, c).Run();
        else
            new Product<Lanes128, Vector128<float>, Rows6, TTerms>(on, a, b, c).Run();
    }
}

/// <summary>Where a product goes.</summary>
/// <param name="Matrix">f32, (rows of A, rows of B), or the other way round.</param>
/// <param name="Turned">Whether c(i, j) stands in row j, column i.</param>
/// <param name="Add">Whether the product is added to what is there.</param>
internal readonly record struct ProductTarget(Tensor Matrix, bool Turned, bool Add);

internal sealed class Product<TLanes, TVector, TRows, TTerms>(CpuBackend on, Operand a, Operand b, ProductTarget c)
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TRows : struct, ITileRows
    where TTerms : struct, ITerms
{
    // 256 terms of 128 columns are 128 KB: they fit a second cache beside what streams through it. The depth is whole blocks of every format.
    private const int Depth = Product.Depth, MostColumns = 128;

    // Rows that are packed as one part, and the least that make a part: unpacking B must stay small beside multiplying with it.
    private const int PackedRows = 96, FewestRows = 96;

    // A panel of B stays in the first cache while so many rows of A pass from the second: 96 KB of them.
    private const int BlockRows = 96;

    private readonly int rows = a.Count, columns = b.Count, depth = a.Depth;
    private readonly int unit = ColumnUnit(b);
    private readonly FallingParts columnParts = ColumnParts(on.Threads, b);
    private readonly int partRows = PartRows(on.Threads, a.Count, ColumnParts(on.Threads, b).Count);

    // Where each number of B is used by one or two tiles only, a copy costs more than strides.
    private readonly bool inPlace = TTerms.TermsPerStep == 1 &&
        b.SumsRows && b.Matrix.Type == DataType.F32 && a.Count <= 2 * TRows.Count && b.Count % Columns == 0;

    private readonly TileShape shape = TTerms.TermsPerStep == 1 ? TileShape.Plain : TileShape.OfParts(b.Matrix.Type.Format.IntegerPart, TTerms.HeadLines);

    private Storage packed = null!;
    private int slabStart, slabDepth;

    private static int Columns => 2 * TLanes.Count;

    private int RowPanels => (rows + TRows.Count - 1) / TRows.Count;

    public void Run()
    {
        // A deep sum over many rows is packed in slabs, so that the copy stays small.
        int most = Product.PackedDepth((long)RowPanels * TRows.Count, depth);
        int rowParts = (rows + partRows - 1) / partRows;
        for (slabStart = 0; slabStart < depth; slabStart += slabDepth)
        {
            slabDepth = Math.Min(most, depth - slabStart);
            packed = on.Allocate(PackedAt(slabDepth, 0) * sizeof(float));
            int packs = (rows + PackedRows - 1) / PackedRows, chunks = (slabDepth + Depth - 1) / Depth;
            on.Workers.For(packs * chunks, part => Pack(part % packs * PackedRows, part / packs * Depth));
            on.Workers.For(rowParts * columnParts.Count, part => Multiply(part % rowParts * partRows, columnParts[part / rowParts]));
            on.Recycle(packed);
        }
    }

    // Columns that are not divided: a panel of them, or a block of the format.
    private static int ColumnUnit(Operand b) => b.SumsRows ? Math.Max(Columns, b.Matrix.Type.BlockLength) : Columns;

    private static FallingParts ColumnParts(int threads, Operand b)
    {
        int unit = ColumnUnit(b);
        return new((b.Count + unit - 1) / unit, 1, threads, Math.Max(1, MostColumns / unit));
    }

    private static int PartRows(int threads, int rows, int columnParts)
    {
        int rowParts = Math.Clamp((4 * threads + columnParts - 1) / columnParts, 1, Math.Max(1, rows / FewestRows));
        int each = (rows + rowParts - 1) / rowParts;
        return (each + TRows.Count - 1) / TRows.Count * TRows.Count;
    }

    // Where terms k … of a row's panel stand: all panels of 256 terms lie together, in the order in which a part reads them.
    private long PackedAt(int k, int row)
    {
        long before = (long)RowPanels * shape.PanelFloats(TRows.Count, k);
        return before + (long)(row / TRows.Count) * shape.PanelFloats(TRows.Count, Math.Min(Depth, slabDepth - k));
    }

    private void Pack(int first, int k)
    {
        int count = Math.Min(PackedRows, rows - first), terms = Math.Min(Depth, slabDepth - k);
        int panels = (count + TRows.Count - 1) / TRows.Count;
        var to = packed.Floats(PackedAt(k, first), panels * shape.PanelFloats(TRows.Count, terms));
        if (shape.IsPlain)
            a.Pack(first, count, TRows.Count, slabStart + k, terms, to);
        else
            IntegerPanel.PackActivations(a.Matrix, first, count, TRows.Count, slabStart + k, terms, shape, to);
    }

    private void Multiply(int firstRow, (int First, int Count) units)
    {
        int firstColumn = units.First * unit, columnCount = Math.Min(units.Count * unit, columns - firstColumn), columnPanels = (columnCount + Columns - 1) / Columns;
        using var panels = new Scratch(inPlace ? 0 : columnPanels * shape.PanelFloats(Columns, Depth));
        using var whole = new Scratch(TRows.Count * Columns);
        for (int k = 0; k < slabDepth; k += Depth)
        {
            int terms = Math.Min(Depth, slabDepth - k), panel = inPlace ? Columns : shape.PanelFloats(Columns, terms);
            if (inPlace)
            {
                ref float rows = ref b.Matrix.Storage.Floats((long)(slabStart + k) * columns + firstColumn, 1)[0];
                MultiplyPart(new Panels(ref rows, (nuint)columns, panel, ref whole.Floats[0]), k, terms, firstRow, firstColumn, columnCount);
                continue;
            }
            if (shape.IsPlain)
                b.Pack(firstColumn, columnCount, Columns, slabStart + k, terms, panels.Floats);
            else
                IntegerPanel.PackWeights(b.Matrix, firstColumn, columnCount, Columns, slabStart + k, terms, shape, panels.Floats);
            MultiplyPart(new Panels(ref panels.Floats[0], (nuint)Columns, panel, ref whole.Floats[0]), k, terms, firstRow, firstColumn, columnCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyPart(Panels right, int k, int terms, int firstRow, int firstColumn, int columnCount)
    {
        bool add = c.Add || slabStart + k > 0;
        int end = Math.Min(firstRow + partRows, rows), height = shape.PanelFloats(TRows.Count, terms);
        ref float left = ref packed.Floats(PackedAt(k, firstRow), 1)[0];
        ref float target = ref c.Matrix.Storage.Floats(c.Turned ? (long)firstColumn * rows + firstRow : (long)firstRow * columns + firstColumn, 1)[0];
        nint rowStep = c.Turned ? 1 : columns, columnStep = c.Turned ? rows : 1;
        for (int block = firstRow; block < end; block += BlockRows)
        {
            int blockEnd = Math.Min(block + BlockRows, end);
            for (int column = 0; column < columnCount; column += Columns)
            {
                ref float panel = ref Unsafe.Add(ref right.First, column / Columns * right.Apart);
                for (int row = block; row < blockEnd; row += TRows.Count)
                {
                    var tile = new Tile(Math.Min(TRows.Count, blockEnd - row), Math.Min(Columns, columnCount - column));
                    ref float place = ref Unsafe.Add(ref target, (row - firstRow) * rowStep + column * columnStep);
                    MultiplyTile(ref Unsafe.Add(ref left, (nint)((row - firstRow) / TRows.Count) * height), ref panel, right.Stride, terms, tile, ref place, ref right.Whole, add);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyTile(ref float left, ref float right, nuint stride, int terms, Tile tile, ref float target, ref float whole, bool add)
    {
        bool inside = !c.Turned && tile.Width == Columns;
        // The rows of C lie pages apart, and are wanted when the sum is done: by then they are there.
        for (int i = 0; inside && i < tile.Height; i++)
            Simd.Prefetch(ref Unsafe.Add(ref target, (nint)i * columns), 0, Columns * sizeof(float));
        if (inside && shape.IsPlain)
        {
            MultiplyRows(ref left, ref right, stride, terms, ref target, (nuint)columns, tile.Height, add);
            return;
        }
        // Over the edge, turned, or in many parts: through a whole tile of its own.
        MultiplyRows(ref left, ref right, stride, terms, ref whole, (nuint)Columns, tile.Height, add: false);
        for (int i = 0; i < tile.Height; i++)
        {
            ref float from = ref Unsafe.Add(ref whole, i * Columns);
            ref float to = ref Unsafe.Add(ref target, c.Turned ? i : (nint)i * columns);
            if (inside)
                FloatTerms.Put<TLanes, TVector>(TLanes.Load(ref from, 0), TLanes.Load(ref from, (nuint)TLanes.Count), ref from, 0, ref from, 0, ref to, add);
            else
                Scatter(ref from, tile.Width, ref to, c.Turned ? rows : 1, add);
        }
    }

    private static void Scatter(ref float from, int count, ref float to, int step, bool add)
    {
        for (int i = 0; i < count; i++)
        {
            float sum = Unsafe.Add(ref from, i);
            to = add ? to + sum : sum;
            to = ref Unsafe.Add(ref to, step);
        }
    }

    // The last rows take the tiles of 8, 4, 2 and 1 rows that make up their number.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyRows(ref float left, ref float right, nuint stride, int terms, ref float target, nuint step, int height, bool add)
    {
        nuint panel = (nuint)TRows.Count;
        int parts = shape.Parts(terms), steps = shape.Steps(terms);
        for (int done = 0; done < height;)
        {
            ref float x = ref Unsafe.Add(ref left, done);
            ref float y = ref Unsafe.Add(ref target, (nuint)done * step);
            int rest = height - done;
            if (rest >= TRows.Count)
                RegisterTile.Multiply<TLanes, TVector, TRows, TTerms>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            else if (rest >= 8)
                RegisterTile.Multiply<TLanes, TVector, Rows8, TTerms>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            else if (rest >= 4)
                RegisterTile.Multiply<TLanes, TVector, Rows4, TTerms>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            else if (rest >= 2)
                RegisterTile.Multiply<TLanes, TVector, Rows2, TTerms>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            else
                RegisterTile.Multiply<TLanes, TVector, Rows1, TTerms>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            done += rest >= TRows.Count ? TRows.Count : rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
        }
    }

    private readonly record struct Tile(int Height, int Width);

    /// <summary>What a part reads of B: panels <paramref name="apart"/> floats apart; and a tile to put sums in.</summary>
    private readonly ref struct Panels(ref float first, nuint stride, int apart, ref float whole)
    {
        public readonly ref float First = ref first;
        public readonly ref float Whole = ref whole;

        public nuint Stride { get; } = stride;

        public int Apart { get; } = apart;
    }
}
