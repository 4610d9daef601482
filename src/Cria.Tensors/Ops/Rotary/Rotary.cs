namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>
    /// Rotary position embedding of x (N, H·D): in each head the pair (xᵢ, xᵢ₊D/2) turns by the row's angle i,
    /// <c>y₁ = x₁ cos − x₂ sin</c>, <c>y₂ = x₂ cos + x₁ sin</c>.
    /// </summary>
    /// <remarks>
    /// Su et al. 2021, <see href="https://arxiv.org/abs/2104.09864"/>, equation 34, with the pairs half a head apart instead of side by
    /// side: the layout of Hugging Face checkpoints.
    /// </remarks>
    /// <param name="angles">From <see cref="Rotary.Angles"/>: (N, D).</param>
    public Tensor Rotate(Tensor angles) => Op.Run(new RotateOp(Activated(), angles));
}

/// <summary>The angles by which <see cref="Tensor.Rotate"/> turns.</summary>
public static class Rotary
{
    /// <summary>
    /// For every row the cosines of its angles, then their sines: (N, D), where <c>angleᵢ = position · ωᵢ</c> in single precision. Made once
    /// per forward pass, and shared by all layers.
    /// </summary>
    /// <param name="on">Where to make them.</param>
    /// <param name="inverseFrequencies">ω, D/2 numbers: see <see cref="RotaryFrequencies"/>.</param>
    /// <param name="positions">The position of each of the N rows in its sequence.</param>
    public static Tensor Angles(Backend on, ReadOnlySpan<float> inverseFrequencies, ReadOnlySpan<int> positions)
    {
        ArgumentNullException.ThrowIfNull(on);
        var angles = on.Empty(new Shape(positions.Length, 2 * inverseFrequencies.Length));
        on.RotaryAngles(inverseFrequencies, positions, angles);
        return angles;
    }
}

internal sealed class RotateOp(Tensor x, Tensor angles) : Op(x)
{
    internal override IEnumerable<Tensor?> Reads => [angles];

    protected override Tensor Forward(Backend on)
    {
        Expect.Activation("Rotate", x);
        Expect.SameLength("Rotate", "the rows of the angles", x.Shape.Rows, angles.Shape.Rows);
        Expect.SameLength("Rotate", $"the rest of {x.Shape.Columns} columns in heads of {angles.Shape.Columns}", 0, x.Shape.Columns % angles.Shape.Columns);
        var y = on.Empty(x.Shape, x.Type);
        on.Rotate(x, angles, y);
        return y;
    }

    // The same rotation backwards: dx₁ = dy₁ cos + dy₂ sin,  dx₂ = dy₂ cos − dy₁ sin
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(x) is { } dx)
            on.RotateBackward(dy, angles, dx);
    }
}

public abstract partial class Backend
{
    internal abstract void RotaryAngles(ReadOnlySpan<float> inverseFrequencies, ReadOnlySpan<int> positions, Tensor angles);

    internal abstract void Rotate(Tensor x, Tensor angles, Tensor y);

    /// <summary>Adds into <paramref name="dx"/>.</summary>
    internal abstract void RotateBackward(Tensor dy, Tensor angles, Tensor dx);
}
