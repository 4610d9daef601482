namespace Cria.Tensors;

/// <summary>Rows in parts that begin large and end small: long ways through memory without a stop, and at the end nobody waits long for the last.</summary>
/// <remarks>Each part takes the same share of what is left, half of a thread's (guided self-scheduling, Polychronopoulos and Kuck 1987), down to a least one.</remarks>
internal readonly struct FallingParts
{
    private readonly int rows, least;
    private readonly double falls;

    /// <param name="rows">How many.</param>
    /// <param name="least">The fewest that make a part.</param>
    /// <param name="threads">Who shares them.</param>
    public FallingParts(int rows, int least, int threads)
    {
        (this.rows, this.least) = (rows, Math.Clamp(least, 1, Math.Max(1, rows)));
        falls = 1 - 0.5 / threads;
        // After so many parts, what is left divides into least ones.
        int falling = threads == 1 ? 0 : Math.Max(0, (int)Math.Ceiling(Math.Log(2.0 * threads * this.least / rows) / Math.Log(falls)));
        Falling = falling;
        Count = threads == 1 ? 1 : falling + (rows - FirstOf(falling) + this.least - 1) / this.least;
    }

    public int Count { get; }

    private int Falling { get; }

    /// <summary>The first row of a part, and how many there are.</summary>
    public (int First, int Count) this[int part]
    {
        get
        {
            int first = FirstOf(part), next = part + 1 == Count ? rows : FirstOf(part + 1);
            return (first, next - first);
        }
    }

    private int FirstOf(int part) => part <= Falling
        ? (int)(rows * (1 - Math.Pow(falls, part)))
        : Math.Min(rows, FirstOf(Falling) + (part - Falling) * least);
}
