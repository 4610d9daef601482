namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void CopyRowsChecked(Tensor from, int fromRow, Tensor to, int toRow, int rows)
    {
        long bytes = from.Type.Bytes(from.Shape.Columns);
        Copy(from.Storage.Pointer + (nint)(fromRow * bytes), to.Storage.Pointer + (nint)(toRow * bytes), rows * bytes);
    }

    private void Copy(nint from, nint to, long bytes)
    {
        Begin();
        CopyNow(from, to, bytes);
    }

    // Without what waits: for what nothing that waits reads or writes.
    private unsafe void CopyNow(nint from, nint to, long bytes)
    {
        if (bytes > 0)
            card.Check(card.Driver.Copy(to, from, (nuint)bytes, stream.Handle), "cuMemcpyDtoDAsync");
    }
}
