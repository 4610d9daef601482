using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations.</summary>
internal static class SymmetricEigen
{
    private const int MostSweeps = 50;

    /// <summary>The values from the largest down; the vectors are the columns.</summary>
    public static (double[] Values, double[,] Vectors) Of(Tensor symmetric)
    {
        int n = symmetric.Shape.Rows;
        double[,] a = new double[n, n], v = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            v[i, i] = 1;
            for (int j = 0; j < n; j++)
                a[i, j] = symmetric.Row(i)[j];
        }
        for (int sweep = 0; sweep < MostSweeps && OffDiagonal(a) > 0; sweep++)
        {
            for (int p = 0; p < n; p++)
            {
                for (int q = p + 1; q < n; q++)
                    Rotate(a, v, p, q);
            }
        }
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => a[i, i])];
        double[,] sorted = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
                sorted[i, j] = v[i, order[j]];
        }
        return ([.. order.Select(i => a[i, i])], sorted);
    }

    private static double OffDiagonal(double[,] a)
    {
        double sum = 0, diagonal = 0;
        for (int i = 0; i < a.GetLength(0); i++)
        {
            diagonal += a[i, i] * a[i, i];
            for (int j = 0; j < i; j++)
                sum += a[i, j] * a[i, j];
        }
        return sum > 1e-24 * diagonal ? sum : 0;
    }

    // The rotation that makes a[p, q] zero.
    private static void Rotate(double[,] a, double[,] v, int p, int q)
    {
        if (a[p, q] == 0)
            return;
        double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double t = Math.CopySign(1, theta) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        double c = 1 / Math.Sqrt(t * t + 1), s = t * c;
        for (int i = 0; i < a.GetLength(0); i++)
            (a[i, p], a[i, q]) = (c * a[i, p] - s * a[i, q], s * a[i, p] + c * a[i, q]);
        for (int i = 0; i < a.GetLength(0); i++)
            (a[p, i], a[q, i]) = (c * a[p, i] - s * a[q, i], s * a[p, i] + c * a[q, i]);
        for (int i = 0; i < a.GetLength(0); i++)
            (v[i, p], v[i, q]) = (c * v[i, p] - s * v[i, q], s * v[i, p] + c * v[i, q]);
    }
}
