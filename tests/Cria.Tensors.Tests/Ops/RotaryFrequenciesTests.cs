namespace Cria.Tensors.Tests.Ops;

public class RotaryFrequenciesTests
{
    [Fact]
    public void Plain_frequencies_fall_by_equal_ratios()
    {
        Near.Equal([1, 0.1f, 0.01f, 0.001f], RotaryFrequencies.Plain(8, 10_000));
    }

    [Fact]
    public void Linear_scaling_divides_all()
    {
        Near.Equal([0.25f, 0.025f], RotaryFrequencies.Linear([1, 0.1f], 4));
    }

    [Fact]
    public void Explicit_factors_divide_one_by_one()
    {
        Near.Equal([1, 0.05f], RotaryFrequencies.Divide([1, 0.1f], [1, 2]));
    }

    [Fact]
    public void Llama3_keeps_short_waves_stretches_long_ones_and_mixes_between()
    {
        // C = 8,192: waves up to 2,048 stay, waves from 8,192 are divided by 8.  4,096 lies between, with t = (2 − 1) / (4 − 1) = 1/3.
        float[] frequencies = [.. new[] { 2_000f, 4_096f, 9_000f }.Select(wave => 2 * MathF.PI / wave)];

        float[] scaled = RotaryFrequencies.Llama3(frequencies, factor: 8, low: 1, high: 4, originalContext: 8_192);

        Near.Equal([1, 2f / 3 / 8 + 1f / 3, 1f / 8], [.. scaled.Zip(frequencies, (s, f) => s / f)]);
    }

    [Fact]
    public void Llama3_with_equal_bounds_mixes_nothing()
    {
        float[] frequencies = [.. new[] { 8_191f, 8_192f, 8_193f }.Select(wave => 2 * MathF.PI / wave)];

        float[] scaled = RotaryFrequencies.Llama3(frequencies, factor: 16, low: 1, high: 1, originalContext: 8_192);

        Assert.All(scaled.Zip(frequencies), pair => Assert.Contains(pair.First / pair.Second, new[] { 1f, 1f / 16 }));
        Assert.Equal(frequencies[0], scaled[0]);
        Assert.Equal(frequencies[2] / 16, scaled[2]);
    }
}
