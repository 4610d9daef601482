namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    // Few rows are multiplied straight from the weight, at the speed at which it is read: as the eight columns of a product of the tensor cores, or as several times
    // eight where blocks would be unpacked for more. Up to how many that is faster was measured on an H200.
    private const int FewRows = 8, FewRowsOfBlocks = 32;

    private const int OutputsOfBlock = 16, PlainOutputsOfBlock = 8, FewThreads = 256, MostSharedBytes = 32 * 1024, PairBookBytes = 32 * 1024;

    // Of a block's shared memory: the sums of the most warps, and what the kernels declare for themselves.
    private const int MostSumBytes = 16 * OutputsOfBlock * FewRows * sizeof(float), DeclaredBytes = 2 * 1024;

    private readonly FewProducts few = new();

    private bool LinearFew(Tensor x, Tensor weight, Tensor y, int adds)
    {
        RefuseWithinAnother();
        int rows = x.Shape.Rows, columns = weight.Shape.Columns, outputs = weight.Shape.Rows;
        if (!HasFewKernel(x, weight, rows))
        {
            if (rows > FewRows || weight.Type == DataType.FP8)
                return false;
            Launch(
                x.Type, "linear_few_plain", $"linear_few_plain_{KernelName(weight.Type)}", Blocks(outputs, PlainOutputsOfBlock), 1, 1, FewThreads, 0,
                weight, BlocksOf(weight), x, y, adds, rows, columns, outputs);
            return true;
        }
        if (adds != 0 || !few.Takes(weight.Type, x.Storage.Pointer, rows, columns, y.Storage.Pointer))
            Begin();
        few.Add(new FewProduct(weight.Storage.Pointer, BlocksOf(weight), y.Storage.Pointer, outputs), weight.Type, x.Storage.Pointer, rows, columns);
        if (adds != 0)
            LaunchFew(new FewEnding(Adds: adds));
        return true;
    }

    private bool HasFewKernel(Tensor x, Tensor weight, int rows) =>
        x.Type == DataType.BF16 && rows <= (weight.Type.IsFloat ? FewRows : FewRowsOfBlocks) && FewStep(weight.Type) is { } step && weight.Shape.Columns % step == 0 &&
        FewFits(weight.Type, rows, weight.Shape.Columns, few.Norm is not null);

    // A norm of few rows waits for the products over it.
    private bool NormWaits(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor r)
    {
        int rows = x.Shape.Rows, columns = x.Shape.Columns;
        if (rows > FewRows || x.Type != DataType.BF16 || columns % PackOf(x.Type) != 0 || !IsShared(rows, columns) ||
            !FewFits(x.Type, rows, columns, hasNorm: true))
            return false;
        Begin();
        few.Add(new FewNorm(x.Storage.Pointer, weight.Storage.Pointer, epsilon, y.Storage.Pointer, r.Storage.Pointer, rows, columns));
        return true;
    }

    // The gate of the two products that wait goes into their launch.
    private bool GateEnds(Tensor gate, Tensor up, Tensor y)
    {
        const int GatesOfBlock = OutputsOfBlock / 2;
        if (few.Products.Count != 2 || few.Products[0].Y != gate.Storage.Pointer || few.Products[1].Y != up.Storage.Pointer ||
            few.Products[0].Outputs != few.Products[1].Outputs || few.Products[0].Outputs % GatesOfBlock != 0 || few.Touches(y.Storage.Pointer))
            return false;
        LaunchFew(new FewEnding(Gated: y.Storage.Pointer));
        return true;
    }

    // So does a sum with the only one.
    private bool ResidualEnds(Tensor a, Tensor b, Tensor y)
    {
        if (few.Products.Count != 1 || few.Products[0].Y != b.Storage.Pointer || b.Storage.Pointer == a.Storage.Pointer ||
            few.Norm?.Y == a.Storage.Pointer || few.Touches(y.Storage.Pointer))
            return false;
        LaunchFew(new FewEnding(Residual: a.Storage.Pointer, Sum: y.Storage.Pointer));
        return true;
    }

    private void FlushFew()
    {
        if (few.Products.Count > 0)
        {
            LaunchFew(default);
        }
        else if (few.Norm is { } norm)
        {
            few.Clear();
            LaunchNow(
                Start.Plain, DataType.BF16, "rms_norm", "rms_norm", norm.Rows, 1, 1, RowThreads, 0,
                norm.X, norm.Weight, norm.Epsilon, norm.Y, norm.R, norm.Columns);
        }
    }

    private void LaunchFew(FewEnding ending)
    {
        var (type, x, rows, columns, norm) = (few.Type, few.X, few.Rows, few.Columns, few.Norm);
        FewProduct a = few.Products[0], b = few.Products.ElementAtOrDefault(1), c = few.Products.ElementAtOrDefault(2);
        few.Clear();
        int groups = ending.Gated != 0
            ? Blocks(a.Outputs, OutputsOfBlock / 2)
            : Blocks(a.Outputs, OutputsOfBlock) + Blocks(b.Outputs, OutputsOfBlock) + Blocks(c.Outputs, OutputsOfBlock);
        int tiles = Blocks(rows, FewRows);
        var shape = FewShape.Of(type, groups, tiles, card.Multiprocessors);
        int sums = shape.Warps * OutputsOfBlock * FewRows * sizeof(float), others = FewBytes(type, rows, columns, norm is not null);
        LaunchNow(
            Start.Early, DataType.BF16, $"linear_few WARPS={shape.Warps} SHARED={(IsShared(rows, columns) ? 1 : 0)} TILES={tiles}", $"linear_few_{KernelName(type)}", shape.Blocks, 1, 1, shape.Warps * 32,
            shape.TakesSeveral ? sums + others : Math.Max(sums, others),
            a.Weight, a.Blocks, a.Y, a.Outputs, b.Weight, b.Blocks, b.Y, b.Outputs, c.Weight, c.Blocks, c.Y, c.Outputs,
            norm?.X ?? x, norm?.Weight ?? 0, norm?.Epsilon ?? 0, norm?.Y ?? 0, norm?.R ?? 0,
            ending.Gated, ending.Residual, ending.Sum, ending.Adds, rows, columns, groups);
    }

    private static bool IsShared(int rows, int columns) => (long)rows * columns * sizeof(ushort) <= MostSharedBytes;

    // What a block keeps in shared memory besides its sums: x where it is small, and a norm's weight, or a book and the scales decoded with it.
    private static int FewBytes(DataType type, int rows, int columns, bool hasNorm) =>
        (IsShared(rows, columns) ? rows * columns * sizeof(ushort) : 0) +
        (HasPairBook(type) ? PairBookBytes + ScaleBytes(type, columns) : hasNorm ? columns * sizeof(float) : 0);

    // Cards differ in what they have: very wide rows are multiplied plainly where it is too little.
    private bool FewFits(DataType type, int rows, int columns, bool hasNorm) =>
        FewBytes(type, rows, columns, hasNorm) + MostSumBytes + DeclaredBytes <= card.SharedBytes;

    // The decoded scales of a block's rows, two for each step, and room for one row more, which keeps banks apart: linear_few.cu.
    private static int ScaleBytes(DataType type, int columns) =>
        type == DataType.NF4DQ ? (columns / FewStep(type)!.Value * (OutputsOfBlock + 1) * 2 * sizeof(float) + 15) / 16 * 16 : 0;

    private static bool HasPairBook(DataType type) => type == DataType.NF4 || type == DataType.NF4DQ || type == DataType.FP4;

    // How many numbers of a row the fast kernel of a type takes at once: linear_few.cu.
    private static int? FewStep(DataType type)
    {
        if (type == DataType.BF16)
            return 32;
        if (type == DataType.Q8 || type == DataType.FP8)
            return 64;
        if (type == DataType.Q4 || type == DataType.Q6K || type == DataType.NF4 || type == DataType.NF4DQ || type == DataType.FP4)
            return 128;
        return type == DataType.Q4K ? 256 : null;
    }

    /// <summary>How a launch of so many groups of outputs fills the card; measured on an H100.</summary>
    /// <param name="Warps">Of a block.</param>
    /// <param name="Blocks">Of the launch.</param>
    /// <param name="TakesSeveral">Whether the kernel of the type lets a block take several groups, as many as are left.</param>
    private readonly record struct FewShape(int Warps, int Blocks, bool TakesSeveral)
    {
        // Few groups need more warps each. Of many, a block takes several where that was faster: as many blocks as are on the card at a time.
        public static FewShape Of(DataType type, int groups, int tiles, int multiprocessors)
        {
            bool takesSeveral = type != DataType.BF16 && type != DataType.NF4DQ;
            if (groups < multiprocessors)
                return new(16, groups, takesSeveral);
            if (!takesSeveral)
                return new(type == DataType.NF4DQ || groups < 4 * multiprocessors ? 8 : 4, groups, false);
            if (HasPairBook(type))
                return new(8, Math.Min(groups, (tiles > 1 ? 2 : 3) * multiprocessors), true);
            return groups <= 2 * multiprocessors ? new(8, groups, true) : new(4, Math.Min(groups, (tiles > 1 ? 4 : 5) * multiprocessors), true);
        }
    }
}
