namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>A copy in another storage type; the same tensor where it already has that type. Not part of the gradient.</summary>
    public Tensor To(DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type == Type)
            return this;
        Expect.SameLength("To", $"the rest of a row of {Shape.Columns} in blocks of {type}", 0, Shape.Columns % type.BlockLength);
        var copy = Device.Empty(Shape, type);
        Device.Convert(this, copy);
        return copy;
    }
}

public abstract partial class Backend
{
    /// <summary>Stores the numbers of <paramref name="from"/> in the type of <paramref name="to"/>.</summary>
    internal abstract void Convert(Tensor from, Tensor to);
}
