namespace Cria.Tensors.Tests;

/// <summary>Equality of numbers up to a tolerance, relative to the larger of 1 and the expected number.</summary>
public static class Near
{
    public static void Equal(double expected, double found, double tolerance = Tolerances.Rounding)
    {
        if (!Close(expected, found, tolerance))
            Assert.Fail($"Expected {expected}, found {found}: apart by {Math.Abs(expected - found):g3}, allowed are {tolerance:g3}.");
    }

    public static void Equal(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, double tolerance = Tolerances.Rounding)
    {
        Assert.Equal(expected.Length, found.Length);
        int worst = -1;
        int wrong = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (Close(expected[i], found[i], tolerance))
                continue;
            wrong++;
            if (worst < 0 || !(Math.Abs(expected[i] - found[i]) <= Math.Abs(expected[worst] - found[worst])))
                worst = i;
        }
        if (wrong > 0)
            Assert.Fail($"{wrong} of {expected.Length} numbers differ by more than {tolerance:g3}; most at {worst}: expected {expected[worst]}, found {found[worst]}.");
    }

    public static void Equal(ReadOnlySpan<float> expected, Tensor found, double tolerance = Tolerances.Rounding) =>
        Equal(expected, found.ToArray(), tolerance);

    public static void Equal(Tensor expected, Tensor found, double tolerance = Tolerances.Rounding)
    {
        Assert.Equal(expected.Shape, found.Shape);
        Equal(expected.ToArray(), found.ToArray(), tolerance);
    }

    // Not a number is near nothing.
    private static bool Close(double expected, double found, double tolerance) =>
        expected.Equals(found) || Math.Abs(expected - found) <= tolerance * Math.Max(1, Math.Abs(expected));
}
