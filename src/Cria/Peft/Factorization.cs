using Cria.Tensors;

namespace Cria.Peft;

/// <summary>The leading singular values and vectors of a matrix: W ≈ U Σ Vᵀ. Rows of <see cref="U"/> (r, out) and <see cref="V"/> (r, in) are vectors.</summary>
/// <remarks>Subspace iteration over random directions: Halko, Martinsson and Tropp 2011, <see href="https://arxiv.org/abs/0909.4061"/>, algorithm 4.4.</remarks>
internal sealed record Factorization(Tensor U, float[] Values, Tensor V)
{
    // More directions than are wanted make the last wanted ones as exact as the first. A small matrix gets all it has, and is exact.
    private const int Spare = 10, Small = 256;

    /// <summary>Of an f32 matrix (out, in).</summary>
    /// <param name="weight">W.</param>
    /// <param name="rank">r, at most the shorter side.</param>
    /// <param name="iterations">How often the directions are sharpened: 4 are plenty for a start, 16 leave nothing to see.</param>
    /// <param name="seed">For the directions.</param>
    public static Factorization Of(Tensor weight, int rank, int iterations, ulong seed)
    {
        using var off = Gradients.Off();
        var turned = Orthonormal.Transpose(weight);
        int shorter = Math.Min(weight.Shape.Rows, weight.Shape.Columns), directions = shorter <= Small ? shorter : Math.Min(rank + Spare, shorter);
        var v = weight.Device.Normal(new Shape(directions, weight.Shape.Columns), 1, seed);
        var u = Orthonormal.Rows(v.Linear(weight));
        for (int i = 0; i < iterations && directions < shorter; i++)
            u = Orthonormal.Rows(Orthonormal.Rows(u.Linear(turned)).Linear(weight));

        // W ≈ Uᵀ (U W): the small side's own factors are those of W.
        var small = u.Linear(turned);                                   // (directions, in)
        var (squares, rotation) = SymmetricEigen.Of(small.Linear(small));
        return Leading(u, small, squares, rotation, rank);
    }

    private static Factorization Leading(Tensor u, Tensor small, double[] squares, double[,] rotation, int rank)
    {
        var device = u.Device;
        float[] values = [.. squares.Take(rank).Select(square => (float)Math.Sqrt(Math.Max(square, 0)))];
        var select = device.Empty(new Shape(rank, squares.Length));
        for (int i = 0; i < rank; i++)
        {
            for (int j = 0; j < squares.Length; j++)
                select.Row(i)[j] = (float)rotation[j, i];
        }
        var left = select.Linear(Orthonormal.Transpose(u));             // (r, out)
        var right = select.Linear(Orthonormal.Transpose(small));        // (r, in), each row σ times its vector
        for (int i = 0; i < rank; i++)
        {
            foreach (ref float number in right.Row(i))
                number = values[i] > 0 ? number / values[i] : 0;
        }
        return new(left, values, right);
    }
}
