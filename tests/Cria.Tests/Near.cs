using Cria.Tensors;

namespace Cria.Tests;

/// <summary>Equality of tensors up to a tolerance.</summary>
internal static class Near
{
    /// <summary>No number further apart than the tolerance.</summary>
    public static void Equal(Tensor expected, ReadOnlySpan<float> found, float tolerance, string what = "") =>
        Equal(expected.Floats(), found, tolerance, what);

    public static void Equal(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, float tolerance, string what = "")
    {
        Assert.Equal(expected.Length, found.Length);
        float worst = 0;
        for (int i = 0; i < expected.Length; i++)
            worst = Math.Max(worst, float.IsNaN(found[i]) ? float.PositiveInfinity : Math.Abs(expected[i] - found[i]));
        Assert.True(worst <= tolerance, $"{what}: the largest difference is {worst:g3}, allowed are {tolerance:g3}.");
    }

    /// <summary>The tolerance counts in units of the largest expected number.</summary>
    public static void EqualRelative(Tensor expected, ReadOnlySpan<float> found, float tolerance, string what = "")
    {
        float largest = 0;
        foreach (float number in expected.Floats())
            largest = Math.Max(largest, Math.Abs(number));
        Equal(expected.Floats(), found, tolerance * Math.Max(largest, 1e-6f), what);
    }
}
