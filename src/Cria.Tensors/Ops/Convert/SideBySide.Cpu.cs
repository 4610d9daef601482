using Cria.Tensors.Quantization;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override Tensor ForProducts(Tensor weight)
    {
        if (weight.Storage.RowLength > 0 || weight.Type.Format.SideBySide is not { } rows || !Fits(weight.Shape, rows))
            return weight;
        var storage = new Storage(pool.TakeLasting(weight.Storage.Length), weight.Shape.Columns);
        Workers.For(weight.Shape.Rows / SideBySide.Rows, group => rows.Lay(weight.Storage, storage, group));
        weight.Storage.Forget();
        return new Tensor(weight.Shape, weight.Type, this, storage, ownedByScope: true);
    }

    internal override Storage OnHost(Tensor tensor)
    {
        if (tensor.Storage.RowLength == 0)
            return tensor.Storage;
        var rows = Storage.Allocate(tensor.Storage.Length);
        Workers.For(tensor.Shape.Rows / SideBySide.Rows, group => tensor.Type.Format.SideBySide!.Take(tensor.Storage, group, rows));
        return rows;
    }

    private static bool Fits(Shape shape, SideBySide rows) => shape.Rows % SideBySide.Rows == 0 && shape.Columns % rows.BlockLength == 0;
}
