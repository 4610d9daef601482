using Cria.Tensors;

namespace Cria.Data;

/// <summary>Random orders that depend on nothing but their seed.</summary>
internal static class Permutation
{
    /// <summary>The numbers from 0 to <paramref name="count"/> less one in random order.</summary>
    /// <remarks>Fisher and Yates, in the form of Knuth, "The art of computer programming", volume 2, algorithm P.</remarks>
    public static int[] Of(int count, ulong seed)
    {
        var random = new RandomSource(seed);
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }
}
