namespace Cria.Tensors.Quantization;

/// <summary>The scales of a block of 256 numbers whose parts have small whole numbers for scales: a = d·s, and b = −e·m where there are offsets.</summary>
/// <remarks>
/// Each part is fitted alone, then the largest fit sets d and e. From there on, in turns: every part takes the s and m next to its own
/// that have the least error, and d and e become those of a linear regression over the whole block.
/// </remarks>
internal ref struct SuperScaleSearch
{
    private const int Turns = 3;

    private readonly ReadOnlySpan<float> x;
    private readonly Span<sbyte> codes;
    private readonly int part;

    /// <param name="x">256 numbers.</param>
    /// <param name="part">How many numbers share s and m.</param>
    /// <param name="codes">Becomes q of each number.</param>
    public SuperScaleSearch(ReadOnlySpan<float> x, int part, Span<sbyte> codes)
    {
        this.x = x;
        this.part = part;
        this.codes = codes;
    }

    /// <summary>d.</summary>
    public Half Scale { get; private set; }

    /// <summary>e.</summary>
    public Half Minimum { get; private set; }

    /// <summary>q from 0 to <paramref name="highest"/>, s and m from 0 to <paramref name="most"/>.</summary>
    public void Affine(int highest, int most, scoped Span<sbyte> scales, scoped Span<sbyte> minimums)
    {
        Span<float> a = stackalloc float[scales.Length], b = stackalloc float[scales.Length];
        var (largestA, largestB) = (0f, 0f);
        for (int i = 0; i < scales.Length; i++)
        {
            (a[i], b[i]) = ScaleSearch.Affine(Numbers(i), highest, below: true);
            (largestA, largestB) = (Math.Max(largestA, a[i]), Math.Max(largestB, -b[i]));
        }
        (Scale, Minimum) = ((Half)(largestA / most), (Half)(largestB / most));
        for (int i = 0; i < scales.Length; i++)
            (scales[i], minimums[i]) = (Whole(a[i], Scale, 0, most), Whole(-b[i], Minimum, 0, most));
        for (int turn = 0; turn <= Turns; turn++)
        {
            for (int i = 0; i < scales.Length; i++)
            {
                Improve(Numbers(i), 0, highest, 0, most, ref scales[i], ref minimums[i]);
                ScaleSearch.Round(Numbers(i), (float)Scale * scales[i], -(float)Minimum * minimums[i], 0, highest, codes[(i * part)..]);
            }
            if (turn == Turns || !Refit(scales, minimums))
                return;
        }
    }

    /// <summary>q from −<paramref name="half"/> to <paramref name="half"/> − 1, s from −<paramref name="most"/> to <paramref name="most"/> − 1.</summary>
    public void Symmetric(int half, int most, scoped Span<sbyte> scales)
    {
        Span<float> a = stackalloc float[scales.Length];
        Span<sbyte> none = stackalloc sbyte[scales.Length];
        float largest = 0;
        for (int i = 0; i < scales.Length; i++)
        {
            a[i] = ScaleSearch.Symmetric(Numbers(i), half);
            largest = Math.Abs(a[i]) > Math.Abs(largest) ? a[i] : largest;
        }
        (Scale, Minimum) = ((Half)(largest / -most), default);
        none.Clear();
        for (int i = 0; i < scales.Length; i++)
            scales[i] = Whole(a[i], Scale, -most, most - 1);
        for (int turn = 0; turn <= Turns; turn++)
        {
            for (int i = 0; i < scales.Length; i++)
            {
                Improve(Numbers(i), -half, half - 1, -most, most - 1, ref scales[i], ref none[i]);
                ScaleSearch.Round(Numbers(i), (float)Scale * scales[i], 0, -half, half - 1, codes[(i * part)..]);
            }
            if (turn == Turns || !Refit(scales, none))
                return;
        }
    }

    private readonly ReadOnlySpan<float> Numbers(int i) => x.Slice(i * part, part);

    private static sbyte Whole(float number, Half unit, int lowest, int highest) =>
        unit == default ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round(number / (float)unit), lowest, highest);

    private readonly void Improve(ReadOnlySpan<float> numbers, int lowest, int highest, int least, int most, ref sbyte scale, ref sbyte minimum)
    {
        var (d, e, s, m) = ((float)Scale, (float)Minimum, (int)scale, (int)minimum);
        int around = e == 0 ? 0 : 1;
        float best = float.PositiveInfinity;
        for (int i = Math.Max(least, s - 1); i <= Math.Min(most, s + 1); i++)
        {
            for (int j = Math.Max(0, m - around); j <= Math.Min(most, m + around); j++)
            {
                float error = ScaleSearch.Error(numbers, d * i, -e * j, lowest, highest);
                if (error < best)
                    (best, scale, minimum) = (error, (sbyte)i, (sbyte)j);
            }
        }
    }

    // x ≈ d·u − e·v with u = s·q and v = m: two equations for d and e.
    private bool Refit(scoped ReadOnlySpan<sbyte> scales, scoped ReadOnlySpan<sbyte> minimums)
    {
        double uu = 0, uv = 0, vv = 0, ux = 0, vx = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double u = scales[i / part] * codes[i], v = minimums[i / part];
            (uu, uv, vv) = (uu + u * u, uv + u * v, vv + v * v);
            (ux, vx) = (ux + u * x[i], vx + v * x[i]);
        }
        double determinant = uu * vv - uv * uv;
        var before = (Scale, Minimum);
        if (determinant > 0)
            (Scale, Minimum) = ((Half)((ux * vv - vx * uv) / determinant), (Half)((ux * uv - vx * uu) / determinant));
        else if (uu > 0)
            Scale = (Half)(ux / uu);
        return before != (Scale, Minimum);
    }
}
