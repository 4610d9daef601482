namespace Cria.Tensors.Quantization;

/// <summary>Quantising to the nearest entry of a sorted list.</summary>
internal static class CodeBook
{
    /// <summary>1 / scale; a block of zeros keeps its zeros.</summary>
    public static float Inverse(float scale) => 1 / Math.Max(scale, 1e-38f);

    public static float MaxMagnitude(ReadOnlySpan<float> numbers)
    {
        float max = 0;
        foreach (float w in numbers)
            max = Math.Max(max, Math.Abs(w));
        return max;
    }

    /// <summary>The index of the entry nearest to <paramref name="value"/>; halfway between two it is the lower one.</summary>
    /// <remarks>The entries' count is a power of two. Values outside of the list take its ends.</remarks>
    public static int Nearest(ReadOnlySpan<float> sorted, float value)
    {
        // The number of midpoints below the value, a bit at a time.
        int index = 0;
        for (int half = sorted.Length / 2; half > 0; half /= 2)
        {
            float midpoint = (sorted[index + half - 1] + sorted[index + half]) / 2;
            if (value > midpoint)
                index += half;
        }
        return index;
    }
}
