namespace Cria.Tensors;

/// <summary>Rows in parts that begin large and end small: long ways through memory without a stop, and at the end nobody waits long for the last.</summary>
/// <remarks>Each part takes the same share of what is left, half of a thread's (guided self-scheduling, Polychronopoulos and Kuck 1987), down to a least one. One thread takes the largest all the way.</remarks>
internal readonly struct FallingParts
{
    private readonly int rows, least, most;
    private readonly int level, falling;        // how many parts are as large as may be; how many are these or those that fall
    private readonly double falls;

    /// <param name="rows">How many.</param>
    /// <param name="least">The fewest that make a part.</param>
    /// <param name="threads">Who shares them.</param>
    /// <param name="most">The most that make a part.</param>
    public FallingParts(int rows, int least, int threads, int most = int.MaxValue)
    {
        (this.rows, this.least) = (rows, Math.Clamp(least, 1, Math.Max(1, rows)));
        this.most = Math.Clamp(most, this.least, Math.Max(1, rows));
        if (threads == 1)
        {
            (this.least, Count) = (this.most, (rows + this.most - 1) / this.most);
            return;
        }
        falls = 1 - 0.5 / threads;
        level = Math.Max(0, (int)Math.Ceiling((rows - 2.0 * threads * this.most) / this.most));
        // After so many parts, what is left divides into least ones.
        int left = rows - level * this.most;
        falling = level + Math.Max(0, (int)Math.Ceiling(Math.Log(2.0 * threads * this.least / left) / Math.Log(falls)));
        Count = falling + (rows - FirstOf(falling) + this.least - 1) / this.least;
    }

    public int Count { get; }

    /// <summary>The first row of a part, and how many there are.</summary>
    public (int First, int Count) this[int part]
    {
        get
        {
            int first = FirstOf(part), next = part + 1 == Count ? rows : FirstOf(part + 1);
            return (first, next - first);
        }
    }

    private int FirstOf(int part)
    {
        if (part <= level)
            return part * most;
        if (part > falling)
            return Math.Min(rows, FirstOf(falling) + (part - falling) * least);
        return level * most + (int)((rows - level * most) * (1 - Math.Pow(falls, part - level)));
    }
}
