namespace Cria.Tensors;

public abstract partial class Backend
{
    /// <summary><c>Σ x²</c> of an f32 tensor, of fixed blocks added in order in double precision: for the norm of gradients.</summary>
    public double SumOfSquares(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Expect.Type("SumOfSquares", DataType.F32, x);
        return SumOfSquaresChecked(x);
    }

    internal abstract double SumOfSquaresChecked(Tensor x);
}
