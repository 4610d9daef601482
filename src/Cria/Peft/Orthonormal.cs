using System.Numerics.Tensors;
using Cria.Tensors;
using Tensor = Cria.Tensors.Tensor;

namespace Cria.Peft;

/// <summary>Small linear algebra over rows of f32 matrices.</summary>
internal static class Orthonormal
{
    /// <summary>Makes the rows orthonormal in place, in their order: Gram and Schmidt, twice, so that rounding leaves no trace.</summary>
    public static Tensor Rows(Tensor matrix)
    {
        for (int i = 0; i < matrix.Shape.Rows; i++)
        {
            var row = matrix.Row(i);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++)
                    TensorPrimitives.MultiplyAdd(matrix.Row(j), -TensorPrimitives.Dot<float>(row, matrix.Row(j)), row, row);
            }
            float norm = TensorPrimitives.Norm<float>(row);
            TensorPrimitives.Multiply(row, norm > 0 ? 1 / norm : 0, row);
        }
        return matrix;
    }

    /// <summary>(n, m) to (m, n).</summary>
    public static Tensor Transpose(Tensor matrix)
    {
        if (matrix.Device != matrix.Device.Host)
            return Transpose(matrix.On(matrix.Device.Host)).On(matrix.Device);
        int rows = matrix.Shape.Rows, columns = matrix.Shape.Columns;
        var turned = matrix.Device.Empty(new Shape(columns, rows));
        for (int i = 0; i < rows; i++)
        {
            var row = matrix.Row(i);
            for (int j = 0; j < columns; j++)
                turned.Row(j)[i] = row[j];
        }
        return turned;
    }
}
