using System.Runtime.InteropServices;

namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override int[] IndexOfMaxChecked(Tensor x)
    {
        const int Threads = 1024;
        int[] indices = new int[x.Shape.Rows];
        using var found = Temporary(Math.Max(1, indices.Length) * sizeof(int));
        Launch(x.Type, "index_of_max", "index_of_max", indices.Length, 1, 1, Threads, 0, x, found, x.Shape.Columns);
        RefuseToRecord("numbers for the host");
        transfer.ToHost(found.Pointer, MemoryMarshal.AsBytes(indices.AsSpan()));
        return indices;
    }
}
