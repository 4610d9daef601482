namespace Cria.Tensors.Quantization;

/// <summary>The dynamic maps of bitsandbytes, dense near zero: 256 numbers from −0.993 to 1, or from 0 to 1.</summary>
/// <remarks>Dettmers et al. 2022, section 2.2, <see href="https://arxiv.org/abs/2110.02861"/>.</remarks>
internal static class DynamicMap
{
    private const int Decades = 7;

    /// <summary>The signed numbers, ascending.</summary>
    public static float[] Codes { get; } = Create(signed: true);

    /// <summary>Those that are not negative, ascending.</summary>
    public static float[] UnsignedCodes { get; } = Create(signed: false);

    // Decade i of seven holds the middles between 2^i + 1 points spread evenly over 0.1 … 1, times 10^(i − 6), with both signs; without
    // signs twice as many middles.
    private static float[] Create(bool signed)
    {
        var codes = new List<float> { 0, 1 };
        for (int decade = 0; decade < Decades; decade++)
        {
            int count = signed ? 1 << decade : 2 << decade;
            float size = (float)Math.Pow(10, decade - (Decades - 1));
            for (int i = 0; i < count; i++)
            {
                float middle = (Point(i, count) + Point(i + 1, count)) / 2 * size;
                codes.Add(middle);
                if (signed)
                    codes.Add(-middle);
            }
        }
        codes.Sort();
        return [.. codes];
    }

    // In single precision, fused and from the nearer end, as the reference spreads its points: the last bit matters.
    private static float Point(int i, int count)
    {
        float step = (1f - 0.1f) / count;
        return i <= count / 2 ? MathF.FusedMultiplyAdd(step, i, 0.1f) : MathF.FusedMultiplyAdd(-step, count - i, 1);
    }
}
