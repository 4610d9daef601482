namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    // Few rows are multiplied straight from the blocks of the weight, at the speed at which it is read.
    private const int FewRows = 8, OutputsOfBlock = 16, PlainOutputsOfBlock = 8, FewThreads = 256, MostSharedBytes = 32 * 1024, PairBookBytes = 32 * 1024;

    private bool LinearFew(Tensor x, Tensor weight, Tensor y, int adds)
    {
        int rows = x.Shape.Rows, columns = weight.Shape.Columns, outputs = weight.Shape.Rows;
        if (rows > FewRows)
            return false;
        if (x.Type == DataType.BF16 && FewStep(weight.Type) is { } step && columns % step == 0)
            LinearFewInSteps(x, weight, y, adds);
        else
            Launch(
                x.Type, "linear_few_plain", $"linear_few_plain_{KernelName(weight.Type)}", Blocks(outputs, PlainOutputsOfBlock), 1, 1, FewThreads, 0,
                weight, BlocksOf(weight), x, y, adds, rows, columns, outputs);
        return true;
    }

    private void LinearFewInSteps(Tensor x, Tensor weight, Tensor y, int adds)
    {
        int rows = x.Shape.Rows, columns = weight.Shape.Columns, outputs = weight.Shape.Rows;
        int blocks = Blocks(outputs, OutputsOfBlock), bytes = rows * columns * sizeof(ushort);
        bool isShared = bytes <= MostSharedBytes, hasBook = weight.Type == DataType.NF4 || weight.Type == DataType.NF4DQ || weight.Type == DataType.FP4;

        // Few blocks need more warps, to fill the card; a book is filled for each block, so there they are fewer and larger.
        int warps = blocks < card.Multiprocessors ? 16 : hasBook || blocks < 4 * card.Multiprocessors ? 8 : 4;
        int sums = warps * OutputsOfBlock * FewRows * sizeof(float);
        Launch(
            x.Type, $"linear_few WARPS={warps} SHARED={(isShared ? 1 : 0)}", $"linear_few_{KernelName(weight.Type)}", blocks, 1, 1, warps * 32,
            Math.Max(sums, (hasBook ? PairBookBytes : 0) + (isShared ? bytes : 0)),
            weight, BlocksOf(weight), x, y, adds, rows, columns, outputs);
    }

    // How many numbers of a row the fast kernel of a type takes at once: linear_few.cu.
    private static int? FewStep(DataType type)
    {
        if (type == DataType.BF16)
            return 32;
        if (type == DataType.Q8)
            return 64;
        if (type == DataType.Q4 || type == DataType.Q6K || type == DataType.NF4 || type == DataType.NF4DQ || type == DataType.FP4)
            return 128;
        return type == DataType.Q4K ? 256 : null;
    }
}
