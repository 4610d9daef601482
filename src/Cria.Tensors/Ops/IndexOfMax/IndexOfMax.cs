using System.Numerics.Tensors;

namespace Cria.Tensors;

public abstract partial class Backend
{
    /// <summary>For each row of x the index of its largest number, the first of equals: greedy decoding. Waits for the device; not part of the gradient.</summary>
    public int[] IndexOfMax(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Expect.Activation("IndexOfMax", x);
        Expect.SameLength("IndexOfMax", "the rows without a number", 0, x.Shape.Columns == 0 ? x.Shape.Rows : 0);
        return IndexOfMaxChecked(x);
    }

    internal virtual int[] IndexOfMaxChecked(Tensor x)
    {
        float[] numbers = x.ToArray();
        return [.. Enumerable.Range(0, x.Shape.Rows).Select(row => TensorPrimitives.IndexOfMax<float>(numbers.AsSpan(row * x.Shape.Columns, x.Shape.Columns)))];
    }
}
