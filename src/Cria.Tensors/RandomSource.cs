namespace Cria.Tensors;

/// <summary>A stream of random numbers that is the same on every platform and in every version; its state is one number.</summary>
/// <remarks>SplitMix64: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", figure 17.</remarks>
public struct RandomSource(ulong seed)
{
    private ulong state = seed;

    /// <summary>A seed for one purpose among many, so that streams of neighbouring seeds have nothing in common.</summary>
    public static ulong Mix(ulong seed, ulong purpose) => Scramble(Scramble(seed) + purpose * 0x9E3779B97F4A7C15);

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Scramble(state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform from 0 to below 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform from 0 to below <paramref name="bound"/>.</summary>
    public int NextInt(int bound) => (int)(((NextBits() >> 32) * (ulong)bound) >> 32);

    /// <summary>Normal with mean 0 and deviation 1 (Box and Muller 1958).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    private static ulong Scramble(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
