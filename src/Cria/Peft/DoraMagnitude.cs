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
        var ratio = Ratio(Norms());
        for (int row = 0; row < v.Shape.Rows; row++)
            TensorPrimitives.Multiply(v.Row(row), ratio.Floats()[row], v.Row(row));
        return v;
    }

    // m / ‖V‖ as 1 + (m − ‖V‖) / ‖V‖: exactly 1 where the two are equal, so that a fresh adapter changes no bit.
    private Tensor Ratio(Tensor norms)
    {
        var (one, inverse) = (norms.Device.Empty(norms.Shape), norms.Device.Empty(norms.Shape));
        one.Floats().Fill(1);
        TensorPrimitives.Reciprocal<float>(norms.Floats(), inverse.Floats());
        return one + (magnitude.Value + norms * -1) * inverse * adapter.Scale;
    }

    private Tensor Norms()
    {
        using var off = Gradients.Off();
        var (a, b, s) = (lora.A.Value, lora.B.Value, lora.Scaling);
        var wa = a.Linear(weight.Value);                // (r, out): A Wᵀ
        var baa = b.Linear(a.Linear(a));                // (out, r): B A Aᵀ
        var norms = a.Device.Empty(magnitude.Value.Shape);
        if (!norms.Device.HasNumbers)
            return norms;
        for (int row = 0; row < squares.Length; row++)
        {
            double sum = squares[row];
            for (int i = 0; i < b.Shape.Columns; i++)
                sum += s * b.Row(row)[i] * (2.0 * wa.Row(i)[row] + s * (double)baa.Row(row)[i]);
            norms.Floats()[row] = MathF.Sqrt((float)sum);
        }
        return norms;
    }

    private static float[] SquaresOf(Tensor weight)
    {
        using var off = Gradients.Off();
        float[] squares = new float[weight.Shape.Rows];
        for (int row = 0; weight.Device.HasNumbers && row < squares.Length; row++)
        {
            using var scope = TensorScope.Begin();
            squares[row] = TensorPrimitives.SumOfSquares<float>(weight.Rows([row]).Floats());
        }
        return squares;
    }
}
