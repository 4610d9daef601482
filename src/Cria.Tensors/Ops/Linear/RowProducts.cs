using Cria.Tensors.Quantization;

namespace Cria.Tensors;

/// <summary>y = x Wᵀ of a few rows for matrices that share them, such as those of q, k and v: each weight is read once, straight from its blocks, at the speed of memory.</summary>
/// <remarks>
/// The rows are brought into the form in which products of a type want them once for all matrices of it; and all matrices are one job, so
/// that threads meet once. Each output is computed by itself: it depends neither on its neighbours nor on the number of threads.
/// </remarks>
internal sealed class RowProducts
{
    // Where eight rows lie side by side, some rows of x share a pass over them. Else more rows than so many are worth unpacking for; floats need none.
    private const int MostSideBySide = 8, MostOfBlocks = 3, MostOfFloats = 1;

    // Between rows of x in their form: rows whose length is a power of two would else push one another out of the first cache.
    private const int Gap = 32;

    private const long LeastBytesOfPart = 16 * 1024;

    // Of weights that several rows of x read: half of a second cache at most, beside the activations.
    private const long NearBytes = 128 * 1024;

    private readonly CpuBackend on;
    private readonly Tensor x;
    private readonly Matrix[] matrices;
    private readonly int near;
    private readonly FallingParts parts;

    /// <param name="on">Where.</param>
    /// <param name="x">x (N, in).</param>
    /// <param name="weights">Each W (out, in), which <see cref="Fits"/>.</param>
    /// <param name="ys">Its y (N, out).</param>
    public RowProducts(CpuBackend on, Tensor x, ReadOnlySpan<Tensor> weights, ReadOnlySpan<Tensor> ys)
    {
        (this.on, this.x) = (on, x);
        matrices = new Matrix[weights.Length];
        int groups = 0;
        long bytes = 1;
        for (int i = 0; i < weights.Length; i++)
        {
            matrices[i] = new Matrix(weights[i], ys[i], groups);
            groups += matrices[i].Groups;
            bytes += weights[i].Storage.Length;
        }
        near = (int)Math.Max(1, NearBytes * groups / bytes);
        parts = new FallingParts(groups, (int)(LeastBytesOfPart * groups / bytes), on.Threads);
    }

    /// <summary>Whether so few rows cost less straight from the blocks than with weights that are unpacked.</summary>
    public static bool Fits(Tensor x, Tensor weight) =>
        x.Shape.Rows <= (IsSideBySide(weight) ? MostSideBySide : weight.Type.IsFloat ? MostOfFloats : MostOfBlocks);

    public void Run()
    {
        foreach (var matrix in matrices)
            matrix.Arranged = FirstLike(matrix).Arranged ?? Arrange(matrix);
        on.Workers.For(parts.Count, part =>
        {
            var (start, count) = parts[part];
            foreach (var matrix in matrices)
            {
                int first = Math.Max(start, matrix.First), end = Math.Min(start + count, matrix.First + matrix.Groups);
                if (first < end)
                    Multiply(matrix, first - matrix.First, end - first);
            }
        });
        foreach (var matrix in matrices)
        {
            if (FirstLike(matrix) == matrix)
                on.Recycle(matrix.Arranged!);
        }
    }

    // The one for which x is arranged, and with it for every other that wants the same form.
    private Matrix FirstLike(Matrix matrix) => Array.Find(matrices, other => other.Form == matrix.Form)!;

    private int Stride => x.Shape.Columns + Gap;

    private static bool IsSideBySide(Tensor weight) => weight.Storage.RowLength > 0;

    private Storage Arrange(Matrix matrix)
    {
        int columns = x.Shape.Columns;
        var arranged = on.Allocate(DataType.F32.Bytes((long)x.Shape.Rows * Stride));
        on.Workers.For(x.Shape.Rows, n =>
        {
            var to = arranged.Floats((long)n * Stride, columns);
            if (matrix.Rows is { } rows)
                rows.Arrange(x.Row(n), to);
            else
                matrix.Weight.Type.Format.Arrange(x.Row(n), to);
        });
        return arranged;
    }

    private void Multiply(Matrix matrix, int first, int count)
    {
        for (int done = 0; done < count; done += near)
        {
            int group = first + done, some = Math.Min(near, count - done);
            if (matrix.Rows is { } rows)
                MultiplySideBySide(matrix, rows, group, some);
            else
                MultiplySingle(matrix, group, some);
        }
    }

    private void MultiplySideBySide(Matrix matrix, SideBySide rows, int group, int count)
    {
        int columns = x.Shape.Columns, outputs = matrix.Weight.Shape.Rows;
        for (int n = 0; n < x.Shape.Rows;)
        {
            int some = SideBySide.ActivationsOfPass(x.Shape.Rows - n);
            rows.Dot(matrix.Weight.Storage, group, count, some, matrix.Arranged!.Floats((long)n * Stride, columns), Stride, ref matrix.Y.Row(n)[group * SideBySide.Rows], outputs);
            n += some;
        }
    }

    private void MultiplySingle(Matrix matrix, int group, int count)
    {
        int columns = x.Shape.Columns, first = group * SideBySide.Rows, outputs = Math.Min(count * SideBySide.Rows, matrix.Weight.Shape.Rows - first);
        var format = matrix.Weight.Type.Format;
        for (int n = 0; n < x.Shape.Rows; n++)
            format.Dot(matrix.Weight.Storage, (long)first * columns, matrix.Arranged!.Floats((long)n * Stride, columns), matrix.Y.Row(n).Slice(first, outputs));
    }

    /// <summary>One of the matrices. Work is divided by groups of eight outputs.</summary>
    /// <param name="weight">W.</param>
    /// <param name="y">Its y.</param>
    /// <param name="first">The groups of those before.</param>
    private sealed class Matrix(Tensor weight, Tensor y, int first)
    {
        public Tensor Weight => weight;

        public Tensor Y => y;

        public int First => first;

        public int Groups { get; } = (weight.Shape.Rows + SideBySide.Rows - 1) / SideBySide.Rows;

        public SideBySide? Rows { get; } = IsSideBySide(weight) ? weight.Type.Format.SideBySide : null;

        /// <summary>Where two are the same, so is what x becomes.</summary>
        public object Form => Rows ?? (object)weight.Type.Format;

        public Storage? Arranged { get; set; }
    }
}
