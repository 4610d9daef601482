using System.Numerics.Tensors;
using Cria.Models;
using Cria.Tensors;
using Tensor = Cria.Tensors.Tensor;

namespace Cria.Peft;

/// <summary>DoRA's trained sizes of the rows of V = W + s · B A: y = (m / ‖V‖) ⊙ V x.</summary>
/// <remarks>
/// ‖V‖ takes no gradient (section 4.3 of the paper), and V is never made: ‖V‖² = ‖W‖² + 2 s B·(W Aᵀ) + s² B (A Aᵀ) Bᵀ row by row, where the first term is
/// computed once and W may be stored in any type.
/// </remarks>
internal sealed class DoraMagnitude
{
    private readonly Adapter adapter;
    private readonly LoraLinear lora;
    private readonly Parameter weight;
    private readonly float[] squares;       // ‖W‖² of each row
    private readonly Parameter magnitude;   // m (out)

    public DoraMagnitude(Adapter adapter, LinearSlot slot, LoraLinear lora)
    {
        (this.adapter, this.lora) = (adapter, lora);
        weight = slot.Linear is Linear plain
            ? plain.Weight
            : throw new OptionsException([$"dora: {slot.Path} carries another adapter already, and the size of a row is that of the base's weight: detach the other first."]);
        squares = SquaresOf(weight.Value);
        magnitude = adapter.Train($"{slot.Path}.lora_magnitude_vector", weight.Value.Device.From([.. squares.Select(MathF.Sqrt)], new Shape(squares.Length)));
    }

    /// <summary>V x to (m / ‖V‖) ⊙ V x.</summary>
    public Tensor Apply(Tensor vx, ForwardContext context)
    {
        var norms = context.Cache is { } cache ? cache.Remember(this, () => [Norms()])[0] : Norms();
        return vx.ScaleColumns(Ratio(norms));
    }

    /// <summary>The rows of V brought to their magnitudes.</summary>
    public Tensor Rescaled(Tensor v)
    {
        float[] ratio = Ratio(Norms()).ToArray();
        var rescaled = v.On(v.Device.Host);
        for (int row = 0; row < v.Shape.Rows; row++)
            TensorPrimitives.Multiply(rescaled.Row(row), ratio[row], rescaled.Row(row));
        return rescaled.On(v.Device);
    }

    // m / ‖V‖ as 1 + (m − ‖V‖) / ‖V‖: exactly 1 where the two are equal, so that a fresh adapter changes no bit.
    private Tensor Ratio(Tensor norms)
    {
        float[] reciprocals = norms.ToArray();
        TensorPrimitives.Reciprocal(reciprocals, reciprocals);
        var inverse = norms.Device.From(reciprocals, norms.Shape);
        var one = norms.Device.From(Enumerable.Repeat(1f, reciprocals.Length).ToArray(), norms.Shape);
        return one + (magnitude.Value + norms * -1) * inverse * adapter.Scale;
    }

    private Tensor Norms()
    {
        using var off = Gradients.Off();
        var (a, b, s) = (lora.A.Value, lora.B.Value, lora.Scaling);
        var wa = a.Linear(weight.Value);                // (r, out): A Wᵀ
        var baa = b.Linear(a.Linear(a));                // (out, r): B A Aᵀ
        if (!a.Device.HasNumbers)
            return a.Device.Empty(magnitude.Value.Shape);
        float[] norms = new float[squares.Length], bNumbers = b.ToArray(), waNumbers = wa.ToArray(), baaNumbers = baa.ToArray();
        int rank = b.Shape.Columns;
        for (int row = 0; row < squares.Length; row++)
        {
            double sum = squares[row];
            for (int i = 0; i < rank; i++)
                sum += s * bNumbers[row * rank + i] * (2.0 * waNumbers[i * squares.Length + row] + s * (double)baaNumbers[row * rank + i]);
            norms[row] = MathF.Sqrt((float)sum);
        }
        return a.Device.From(norms, magnitude.Value.Shape);
    }

    private static float[] SquaresOf(Tensor weight)
    {
        using var off = Gradients.Off();
        float[] squares = new float[weight.Shape.Rows];
        for (int row = 0; weight.Device.HasNumbers && row < squares.Length; row++)
        {
            using var scope = TensorScope.Begin();
            squares[row] = TensorPrimitives.SumOfSquares<float>(weight.RowsAsFloats(row, 1).ToArray());
        }
        return squares;
    }
}
