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

    /// <summary>This weight as its device multiplies with it fastest: the tensor itself, or a copy in another order of bytes. Not part of the gradient.</summary>
    /// <remarks>Everything reads such a copy as it reads the tensor, but <see cref="Storage"/> is not what a file would hold: that is <see cref="OnHost"/>.</remarks>
    public Tensor ForProducts() => Device.ForProducts(this);

    /// <summary>This tensor as an activation of its device: trained tensors, which are f32, may enter a pass that computes in another type.</summary>
    internal Tensor Activated() => Type == Device.ActivationType ? this : Op.Run(new ActivateOp(this));

    /// <summary>A copy of some rows in single precision, (count, columns). Not part of the gradient.</summary>
    /// <param name="first">The first row of the copy.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="order">The row of this tensor that becomes a given row; null keeps their order.</param>
    public Tensor RowsAsFloats(int first, int count, Func<int, int>? order = null)
    {
        Expect.SameLength("RowsAsFloats", $"the rows {first} to {first + count} that lie inside", count, Math.Clamp(Shape.Rows - first, 0, count));
        var copy = Device.Empty(new Shape(count, Shape.Columns));
        Device.ReadRows(this, row => order is null ? first + row : order(first + row), copy);
        return copy;
    }
}

/// <summary>y is x in the type of activations, and dx = dy.</summary>
internal sealed class ActivateOp(Tensor x) : Op(x)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        Expect.Type("Activated", DataType.F32, x);
        var y = on.Empty(x.Shape, on.ActivationType);
        on.Convert(x, y);
        return y;
    }

    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(x) is { } dx)
            on.Accumulate(dx, dy);
    }
}

public abstract partial class Backend
{
    /// <summary>Stores the numbers of <paramref name="from"/> in the type of <paramref name="to"/>.</summary>
    internal abstract void Convert(Tensor from, Tensor to);

    /// <summary>A weight in the order of bytes that products read fastest.</summary>
    internal virtual Tensor ForProducts(Tensor weight) => weight;

    /// <summary>to[r] = from[row(r)] as floats.</summary>
    internal abstract void ReadRows(Tensor from, Func<int, int> row, Tensor to);
}
