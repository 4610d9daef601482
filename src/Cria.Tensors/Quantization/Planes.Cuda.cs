namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int PlaneThreads = 256;

    // Blocks as files have them, to the planes that kernels read (planes.cu), and back. Types without planes are copied.
    private void ToPlanes(DataType type, nint file, nint planes, long elements) => MovePlanes("to_planes", type, file, planes, elements);

    private void FromPlanes(DataType type, nint planes, nint file, long elements) => MovePlanes("from_planes", type, file, planes, elements);

    private void MovePlanes(string kernel, DataType type, nint file, nint planes, long elements)
    {
        if (PlanesOf(type) is { } name)
        {
            long blocks = (elements + type.BlockLength - 1) / type.BlockLength;
            Launch(DataType.F32, "planes", $"{kernel}_{name}", Blocks(blocks, PlaneThreads), 1, 1, PlaneThreads, 0, file, planes, blocks);
        }
        else
        {
            var (from, to) = kernel == "to_planes" ? (file, planes) : (planes, file);
            Copy(from, to, type.Bytes(elements));
        }
    }

    private static string? PlanesOf(DataType type)
    {
        if (type == DataType.FP4)
            return "nf4";
        return type == DataType.Q8 || type == DataType.Q4 || type == DataType.Q6K || type == DataType.NF4 || type == DataType.NF4DQ ? KernelName(type) : null;
    }

    // What the kernels of a storage type end in.
    private static string KernelName(DataType type) => type.Name.Replace('-', '_');

    private static long BlocksOf(Tensor tensor) => (tensor.Shape.Length + tensor.Type.BlockLength - 1) / tensor.Type.BlockLength;
}
