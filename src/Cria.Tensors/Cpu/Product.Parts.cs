using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>A product of one kind of terms, in tiles of one height and width.</summary>
internal sealed partial class Product<TLanes, TVector, TRows, TTerms>(CpuBackend on, Operand a, Operand b, ProductTarget c, ProductTail? tail)
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

    private readonly TileShape shape = TTerms.TermsPerStep == 1 ? TileShape.Plain : TileShape.OfParts(b.Matrix.Type.Format.IntegerPart, TTerms.HeadLines);

    private readonly int tailTerms = tail?.A.Depth ?? 0;

    private Storage packed = null!;
    private Storage? packedTail;
    private int slabStart, slabDepth;

    private static int Columns => 2 * TLanes.Count;

    private int RowPanels => (rows + TRows.Count - 1) / TRows.Count;

    public void Run()
    {
        // A deep sum over many rows is packed in slabs, so that the copy stays small.
        int most = Product.PackedDepth((long)RowPanels * TRows.Count, depth);
        int rowParts = (rows + partRows - 1) / partRows;
        PackTail();
        for (slabStart = 0; slabStart < depth; slabStart += slabDepth)
        {
            slabDepth = Math.Min(most, depth - slabStart);
            packed = on.Allocate(PackedAt(slabDepth, 0) * sizeof(float));
            int packs = (rows + PackedRows - 1) / PackedRows, chunks = (slabDepth + Depth - 1) / Depth;
            on.Workers.For(packs * chunks, part => Pack(part % packs * PackedRows, part / packs * Depth));
            on.Workers.For(rowParts * columnParts.Count, part => Multiply(part % rowParts * partRows, columnParts[part / rowParts]));
            on.Recycle(packed);
        }
        if (packedTail is not null)
            on.Recycle(packedTail);
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

    private void PackTail()
    {
        if (tail is null)
            return;
        int panel = TRows.Count * tailTerms;
        packedTail = on.Allocate(DataType.F32.Bytes((long)RowPanels * panel));
        on.Workers.For((rows + PackedRows - 1) / PackedRows, part =>
        {
            int first = part * PackedRows, count = Math.Min(PackedRows, rows - first), panels = (count + TRows.Count - 1) / TRows.Count;
            tail.A.Pack(first, count, TRows.Count, 0, tailTerms, packedTail.Floats((long)(first / TRows.Count) * panel, panels * panel));
        });
    }

    private void Multiply(int firstRow, (int First, int Count) units)
    {
        int firstColumn = units.First * unit, columnCount = Math.Min(units.Count * unit, columns - firstColumn), columnPanels = (columnCount + Columns - 1) / Columns;
        using var panels = new Scratch(columnPanels * shape.PanelFloats(Columns, Depth));
        using var whole = new Scratch(TRows.Count * Columns);
        using var tailPanels = new Scratch(columnPanels * Columns * tailTerms);
        tail?.B.Pack(firstColumn, columnCount, Columns, 0, tailTerms, tailPanels.Floats);
        ref float tailPanel = ref MemoryMarshal.GetReference(tailPanels.Floats);
        for (int k = 0; k < slabDepth; k += Depth)
        {
            int terms = Math.Min(Depth, slabDepth - k);
            if (shape.IsPlain)
                b.Pack(firstColumn, columnCount, Columns, slabStart + k, terms, panels.Floats);
            else
                IntegerPanel.PackWeights(b.Matrix, firstColumn, columnCount, Columns, slabStart + k, terms, shape, panels.Floats);
            MultiplyPart(new Panels(ref panels.Floats[0], shape.PanelFloats(Columns, terms), ref whole.Floats[0], ref tailPanel), k, terms, firstRow, firstColumn, columnCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyPart(Panels right, int k, int terms, int firstRow, int firstColumn, int columnCount)
    {
        bool add = c.Add || slabStart + k > 0, last = tail is not null && slabStart + k + terms == depth;
        int end = Math.Min(firstRow + partRows, rows), height = shape.PanelFloats(TRows.Count, terms);
        ref float left = ref packed.Floats(PackedAt(k, firstRow), 1)[0];
        ref float target = ref c.Matrix.Storage.Floats(c.Turned ? (long)firstColumn * rows + firstRow : (long)firstRow * columns + firstColumn, 1)[0];
        nint rowStep = c.Turned ? 1 : columns, columnStep = c.Turned ? rows : 1;
        for (int block = firstRow; block < end; block += BlockRows)
        {
            int blockEnd = Math.Min(block + BlockRows, end);
            ref float blockPanels = ref Unsafe.Add(ref left, (nint)((block - firstRow) / TRows.Count) * height);
            for (int column = 0; column < columnCount; column += Columns)
            {
                ref float panel = ref Unsafe.Add(ref right.First, column / Columns * right.Apart);
                ref float place = ref Unsafe.Add(ref target, (block - firstRow) * rowStep + column * columnStep);
                var tiles = new Tile(blockEnd - block, Math.Min(Columns, columnCount - column));
                MultiplyColumn<TTerms>(ref blockPanels, ref panel, shape, terms, tiles, ref place, ref right.Whole, add);
                if (last)
                    AddTail(block, ref Unsafe.Add(ref right.Tail, column * tailTerms), tiles, ref place, ref right.Whole);
            }
        }
    }

    /// <summary>What a part reads of B: panels <paramref name="apart"/> floats apart; those of the tail; and a tile to put sums in.</summary>
    private readonly ref struct Panels(ref float first, int apart, ref float whole, ref float tail)
    {
        public readonly ref float First = ref first;
        public readonly ref float Whole = ref whole;
        public readonly ref float Tail = ref tail;

        public int Apart { get; } = apart;
    }
}
