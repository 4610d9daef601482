using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>How the numbers of a PyTorch tensor lie in its storage: number (i, j, …) stands at offset + i·stride₀ + j·stride₁ + ….</summary>
internal static class TorchStrides
{
    /// <summary>How many numbers from the first to behind the last; 0 for an empty tensor.</summary>
    /// <exception cref="OverflowException">It does not fit 64 bits.</exception>
    public static long Reach(TorchTensor tensor)
    {
        long last = 0;
        for (int i = 0; i < tensor.Sizes.Length; i++)
        {
            if (tensor.Sizes[i] == 0)
                return 0;
            last = checked(last + (tensor.Sizes[i] - 1) * tensor.Strides[i]);
        }
        return checked(last + 1);
    }

    /// <summary>Whether the numbers stand one after another in the order of rows. The stride of an axis of one number says nothing.</summary>
    public static bool AreContiguous(TorchTensor tensor)
    {
        long expected = 1;
        for (int i = tensor.Sizes.Length - 1; i >= 0; i--)
        {
            if (tensor.Sizes[i] != 1 && tensor.Strides[i] != expected)
                return false;
            expected *= tensor.Sizes[i];
        }
        return true;
    }

    /// <summary>The numbers in the order of rows.</summary>
    /// <param name="tensor">A tensor that is not empty.</param>
    /// <param name="from">Its storage from its first number on.</param>
    /// <param name="size">The bytes of a number.</param>
    public static Storage Gather(TorchTensor tensor, Storage from, int size)
    {
        var shape = new Shape(tensor.Sizes);
        var to = Storage.Allocate(shape.Length * size);
        long columns = shape.Columns, step = tensor.Strides[^1] * size;
        for (long row = 0; row < shape.Rows; row++)
        {
            long at = RowStart(tensor, row) * size;
            for (long column = 0; column < columns; column++)
                from.Bytes(at + column * step, size).CopyTo(to.Bytes((row * columns + column) * size, size));
        }
        return to;
    }

    private static long RowStart(TorchTensor tensor, long row)
    {
        long start = 0;
        for (int axis = tensor.Sizes.Length - 2; axis >= 0; axis--)
        {
            start += row % tensor.Sizes[axis] * tensor.Strides[axis];
            row /= tensor.Sizes[axis];
        }
        return start;
    }
}
