namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>Dropout: each number becomes zero with probability p, and <c>x / (1 − p)</c> otherwise. Of an activation, or an f32 tensor.</summary>
    /// <remarks>
    /// Srivastava et al. 2014, <see href="https://jmlr.org/papers/v15/srivastava14a.html"/>, scaled during training. Which numbers fall depends on
    /// the seed and their index alone.
    /// </remarks>
    /// <param name="probability">p, from 0 up to but not including 1.</param>
    /// <param name="seed">Another one for each layer and step.</param>
    public Tensor Dropout(float probability, ulong seed) => Dropout(probability, new DropoutSeed(seed, null));

    /// <inheritdoc cref="Dropout(float, ulong)"/>
    /// <param name="probability">p, from 0 up to but not including 1.</param>
    /// <param name="pass">Another one for each pass.</param>
    /// <param name="place">Which of the dropouts of the pass this is.</param>
    public Tensor Dropout(float probability, ulong pass, ulong place) => Dropout(probability, new DropoutSeed(pass, place));

    private Tensor Dropout(float probability, DropoutSeed seed)
    {
        if (!(probability is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "The probability lies between 0 and 1.");
        return probability == 0 ? this : Op.Run(new DropoutOp(this, probability, seed));
    }
}

internal sealed class DropoutOp(Tensor x, float probability, DropoutSeed seed) : Op(x)
{
    internal override IEnumerable<Tensor?> Reads => [];

    protected override Tensor Forward(Backend on)
    {
        Expect.Activation("Dropout", x);
        var y = on.Zeros(x.Shape, x.Type);
        on.DropoutAdd(x, probability, seed, y);
        return y;
    }

    // The same numbers fall: dx = dy · (0 or 1 / (1 − p))
    protected override void Backward(Backend on, Tensor dy)
    {
        if (GradientOf(x) is { } dx)
            on.DropoutAdd(dy, probability, seed, dx);
    }
}

public abstract partial class Backend
{
    /// <summary>Adds to <paramref name="y"/> the numbers of <paramref name="x"/> that stay, times 1 / (1 − p).</summary>
    internal abstract void DropoutAdd(Tensor x, float probability, DropoutSeed seed, Tensor y);
}
