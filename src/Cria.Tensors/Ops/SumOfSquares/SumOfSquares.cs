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

    /// <summary>The same over several tensors, each summed for itself and then added in their order.</summary>
    public double SumOfSquares(IReadOnlyList<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (var tensor in tensors)
            Expect.Type("SumOfSquares", DataType.F32, tensor);
        return SumsOfSquares(tensors).Sum();
    }

    internal abstract double SumOfSquaresChecked(Tensor x);

    internal virtual IEnumerable<double> SumsOfSquares(IReadOnlyList<Tensor> tensors) => tensors.Select(SumOfSquaresChecked);
}
