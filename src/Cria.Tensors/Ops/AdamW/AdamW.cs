namespace Cria.Tensors;

/// <summary>The settings of <see cref="Backend.AdamW(Tensor, Tensor, Tensor, Tensor, in AdamWOptions, int, float)"/>; the defaults are PyTorch's.</summary>
public readonly record struct AdamWOptions()
{
    /// <summary>η.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>β₁: how slowly the mean of the gradients moves.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂: how slowly the mean of their squares moves.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε: keeps the step finite where the squares are zero.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ: the share of a number that each step takes away, times the learning rate.</summary>
    public double WeightDecay { get; init; } = 0.01;
}

public abstract partial class Backend
{
    /// <summary>
    /// One optimizer step t over one tensor, in place: <c>g = s · dp</c>, <c>p −= η λ p</c>, <c>m += (1 − β₁)(g − m)</c>,
    /// <c>v = β₂ v + (1 − β₂) g²</c>, <c>p −= η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)</c>.
    /// </summary>
    /// <remarks>
    /// Loshchilov and Hutter 2017, <see href="https://arxiv.org/abs/1711.05101"/>, algorithm 2, in the order of PyTorch's
    /// <c>torch.optim.AdamW</c>, which multiplies the decay by the learning rate and adds ε after the correction of v.
    /// </remarks>
    /// <param name="parameter">p, f32.</param>
    /// <param name="gradient">dp, of the same shape; it is only read.</param>
    /// <param name="mean">m, of the same shape, f32 or in blocks; zeros before the first step.</param>
    /// <param name="square">v, of the same shape, f32 or in blocks; zeros before the first step.</param>
    /// <param name="options">η, β₁, β₂, ε, λ.</param>
    /// <param name="step">t: 1 for the first step.</param>
    /// <param name="gradientScale">s: below 1 where the gradients of a step are clipped.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public void AdamW(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, in AdamWOptions options, int step, float gradientScale = 1)
    {
        CheckMoments(parameter, gradient, mean, square);
        AdamWChecked(parameter, gradient, mean, square, AdamWFactors.Of(options, step, gradientScale));
    }

    /// <summary>The same over several tensors, which a device may move all at once.</summary>
    /// <exception cref="ShapeException">The shapes of a tensor, its gradient and its moments differ.</exception>
    public void AdamW(
        ReadOnlySpan<(Tensor Parameter, Tensor Gradient, Tensor Mean, Tensor Square)> tensors, in AdamWOptions options, int step, float gradientScale = 1)
    {
        foreach (var (parameter, gradient, mean, square) in tensors)
            CheckMoments(parameter, gradient, mean, square);
        AdamWChecked(tensors, AdamWFactors.Of(options, step, gradientScale));
    }

    private static void CheckMoments(Tensor parameter, Tensor gradient, Tensor mean, Tensor square)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(square);
        Expect.SameShape("AdamW", parameter, gradient);
        Expect.SameShape("AdamW", parameter, mean);
        Expect.SameShape("AdamW", parameter, square);
    }

    internal abstract void AdamWChecked(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors);

    internal virtual void AdamWChecked(ReadOnlySpan<(Tensor Parameter, Tensor Gradient, Tensor Mean, Tensor Square)> tensors, AdamWFactors factors)
    {
        foreach (var (parameter, gradient, mean, square) in tensors)
            AdamWChecked(parameter, gradient, mean, square, factors);
    }
}

/// <summary>What a step multiplies by: <c>MeanShare = 1 − β₁</c>, <c>Keep = 1 − η λ</c>, and so on.</summary>
internal readonly record struct AdamWFactors(
    float GradientScale, float Keep, float MeanShare, float SquareKeep, float SquareShare, float StepSize, float RootCorrection, float Epsilon)
{
    /// <summary>What step <paramref name="step"/> (1 for the first) multiplies by.</summary>
    public static AdamWFactors Of(in AdamWOptions options, int step, float gradientScale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);

        // Corrections in double precision, as in PyTorch: 1 − β₂ᵗ is small at first.
        double meanCorrection = 1 - Math.Pow(options.Beta1, step), squareCorrection = 1 - Math.Pow(options.Beta2, step);
        return new AdamWFactors(
            GradientScale: gradientScale,
            Keep: (float)(1 - options.LearningRate * options.WeightDecay),
            MeanShare: (float)(1 - options.Beta1),
            SquareKeep: (float)options.Beta2,
            SquareShare: (float)(1 - options.Beta2),
            StepSize: (float)(options.LearningRate / meanCorrection),
            RootCorrection: (float)Math.Sqrt(squareCorrection),
            (float)options.Epsilon);
    }
}
