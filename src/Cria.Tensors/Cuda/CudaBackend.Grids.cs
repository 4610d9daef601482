namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int MapThreads = 256, RowThreads = 256, PackBytes = 16;

    // A thread for each pack of 16 bytes of y: what map() of common.cuh takes.
    private void LaunchMap(Tensor y, string file, string kernel, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(y.Type, file, kernel, Blocks(y.Shape.Length, MapThreads * PackOf(y.Type)), 1, 1, MapThreads, 0, arguments);

    // A block for each row of x.
    private void LaunchRows(Tensor x, string file, string kernel, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(x.Type, file, kernel, x.Shape.Rows, 1, 1, RowThreads, 0, arguments);

    private static int PackOf(DataType type) => PackBytes / (int)type.Bytes(1);

    private static int Blocks(long count, int each) => checked((int)((count + each - 1) / each));
}
