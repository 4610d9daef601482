namespace Cria.Data;

/// <summary>A small source of random numbers whose state is one number, so that every stream is a pure function of its seed.</summary>
/// <remarks>Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", <see href="https://doi.org/10.1145/2660193.2660195"/>.</remarks>
internal struct SplitMix64(ulong seed)
{
    private ulong state = seed;

    public ulong Next() => Mix(state += 0x9E3779B97F4A7C15);

    /// <summary>A number from 0 to <paramref name="count"/> less one, each as likely as the others to one part in 2³².</summary>
    public int Below(int count) => (int)(((Next() >> 32) * (ulong)count) >> 32);

    /// <summary>A seed that depends on every one of these numbers.</summary>
    public static ulong Combine(params ReadOnlySpan<long> numbers)
    {
        ulong seed = 0;
        foreach (long number in numbers)
            seed = Mix((seed ^ (ulong)number) + 0x9E3779B97F4A7C15);
        return seed;
    }

    /// <summary>The numbers from 0 to <paramref name="count"/> less one in random order (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
