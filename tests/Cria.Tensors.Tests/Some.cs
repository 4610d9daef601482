namespace Cria.Tensors.Tests;

/// <summary>Numbers without a meaning, the same for the same seed.</summary>
public static class Some
{
    /// <summary>Numbers between −1 and 1.</summary>
    public static float[] Floats(int count, int seed)
    {
        var random = new Random(seed);
        var numbers = new float[count];
        for (int i = 0; i < count; i++)
            numbers[i] = 2 * random.NextSingle() - 1;
        return numbers;
    }

    /// <summary>Numbers from 0 to <paramref name="below"/> − 1.</summary>
    public static int[] Ints(int count, int below, int seed)
    {
        var random = new Random(seed);
        var numbers = new int[count];
        for (int i = 0; i < count; i++)
            numbers[i] = random.Next(below);
        return numbers;
    }
}
