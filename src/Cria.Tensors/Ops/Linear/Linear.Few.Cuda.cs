namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    // Few rows are multiplied straight from the blocks of the weight, at the speed at which it is read.
    private const int FewRows = 8, OutputsOfBlock = 16, PlainOutputsOfBlock = 8, FewThreads = 256;

    private bool LinearFew(Tensor x, Tensor weight, Tensor y)
    {
        int rows = x.Shape.Rows, columns = weight.Shape.Columns, outputs = weight.Shape.Rows;
        if (rows > FewRows)
            return false;
        bool isFast = x.Type == DataType.BF16 && FewStep(weight.Type) is { } step && columns % step == 0;
        Launch(
            x.Type, "linear_few", $"linear_few_{(isFast ? "" : "plain_")}{KernelName(weight.Type)}",
            Blocks(outputs, isFast ? OutputsOfBlock : PlainOutputsOfBlock), 1, 1, FewThreads, 0,
            weight, BlocksOf(weight), x, y, 0, rows, columns, outputs);
        return true;
    }

    // How many numbers of a row the fast kernel of a type takes at once: linear_few.cu.
    private static int? FewStep(DataType type)
    {
        if (type == DataType.BF16 || type == DataType.Q8)
            return 32;
        if (type == DataType.NF4 || type == DataType.NF4DQ || type == DataType.FP4)
            return 64;
        if (type == DataType.Q4 || type == DataType.Q6K)
            return 128;
        return type == DataType.Q4K ? 256 : null;
    }
}
