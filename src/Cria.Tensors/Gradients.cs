namespace Cria.Tensors;

/// <summary>Whether operations on this thread remember what a backward pass needs.</summary>
public static class Gradients
{
    [ThreadStatic]
    private static int off;

    /// <summary>Whether operations are recorded now.</summary>
    public static bool Enabled => off == 0;

    /// <summary>Operations are not recorded until the result is disposed: for evaluation and generation.</summary>
    public static Pause Off()
    {
        off++;
        return default;
    }

    internal static Pause On()
    {
        int before = off;
        off = 0;
        return new Pause(before);
    }

    /// <summary>Ends what <see cref="Off"/> began.</summary>
    public readonly ref struct Pause
    {
        private readonly int? before;

        internal Pause(int before) => this.before = before;

        /// <summary>Goes back to what was before.</summary>
        public void Dispose() => off = before ?? off - 1;
    }
}
