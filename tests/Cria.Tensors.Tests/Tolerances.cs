namespace Cria.Tensors.Tests;

/// <summary>How far apart numbers may be, and why; relative to the larger of 1 and the expected number.</summary>
internal static class Tolerances
{
    /// <summary>A few roundings of single precision (6e-8 each), and sums of some dozen terms in another order.</summary>
    public const double Rounding = 2e-6;

    /// <summary>Sums of some thousand terms in another order than the reference, which sums in double precision.</summary>
    public const double LongSums = 2e-5;

    /// <summary>Some hundred terms of about 0.5 whose activations are 16-bit integers: each is wrong by up to 1/65,534, at random.</summary>
    public const double WideActivations = 5e-4;

    /// <summary>Central differences over ±1/64 in single precision: the roundings divided by 1/32, and the third derivative times 1/24,576.</summary>
    public const double FiniteDifferences = 1.5e-3;

    /// <summary>One rounding to bfloat16, of 8 bits.</summary>
    public const double Bfloat16 = 1.0 / 128;

    /// <summary>Two units in the last place of single precision, for eˣ by a series of eight terms.</summary>
    public const double Exponential = 2.4e-7;
}
