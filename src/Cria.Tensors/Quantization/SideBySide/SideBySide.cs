namespace Cria.Tensors.Quantization;

/// <summary>Matrices of which eight rows lie side by side: what a processor reads fastest where weights are small whole numbers.</summary>
/// <remarks>
/// The storage has as many bytes as before and says so by <see cref="Storage.RowLength"/>. Rows come in whole groups, and blocks are never short.
/// </remarks>
internal abstract class SideBySide
{
    /// <summary>How many rows lie side by side.</summary>
    public const int Rows = 8;

    /// <summary>How many of so many rows of activations are multiplied in one pass over the weights.</summary>
    public static int ActivationsOfPass(int rows) => rows >= 8 ? 8 : Math.Min(rows, 4);

    /// <summary>The numbers of a block of one row.</summary>
    public abstract int BlockLength { get; }

    /// <summary>Lays a group of rows side by side.</summary>
    public abstract void Lay(Storage rows, Storage groups, int group);

    /// <summary>The rows of a group one after another again.</summary>
    public abstract void Take(Storage groups, int group, Storage rows);

    /// <summary>Numbers <paramref name="element"/>… of one row as floats; whole blocks.</summary>
    public abstract void Read(Storage groups, long element, Span<float> to);

    /// <summary>Some columns of all rows of a group as floats, row after row; whole blocks.</summary>
    public abstract void ReadGroup(Storage groups, int group, int column, int columns, Span<float> to);

    /// <summary>Puts x into the form that <see cref="Dot"/> takes, in as many floats.</summary>
    public abstract void Arrange(ReadOnlySpan<float> x, Span<float> arranged);

    /// <summary>y(n, j) = Σₖ x(n, k) · w(j, k) for the rows of some groups.</summary>
    /// <param name="groups">w.</param>
    /// <param name="group">The first group.</param>
    /// <param name="count">How many.</param>
    /// <param name="rows">How many rows of x: as <see cref="ActivationsOfPass"/> says.</param>
    /// <param name="x">The first of them as <see cref="Arrange"/> left it.</param>
    /// <param name="xStride">How far they are apart.</param>
    /// <param name="y">The first output of the first row.</param>
    /// <param name="yStride">How far the rows of y are apart.</param>
    public abstract void Dot(Storage groups, int group, int count, int rows, ReadOnlySpan<float> x, int xStride, ref float y, int yStride);

    /// <summary>As <see cref="IntegerPanel.PackWeights"/>.</summary>
    public abstract void Pack(Storage groups, int first, int count, int width, int start, int terms, TileShape shape, Span<float> panels);
}
