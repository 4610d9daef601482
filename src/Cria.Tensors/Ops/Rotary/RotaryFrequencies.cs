namespace Cria.Tensors;

/// <summary>The inverse frequencies ω of rotary embedding, in radians per position, and the ways in which models stretch them.</summary>
public static class RotaryFrequencies
{
    /// <summary><c>ωᵢ = θ^(−2i/D)</c>, i = 0 … D/2 − 1.</summary>
    /// <remarks>Su et al. 2021, <see href="https://arxiv.org/abs/2104.09864"/>, section 3.2.2.</remarks>
    /// <param name="headSize">D, even.</param>
    /// <param name="theta">θ, 10,000 in LLaMA 1 and 2 and 500,000 in LLaMA 3.</param>
    public static float[] Plain(int headSize, float theta)
    {
        Expect.SameLength("RotaryFrequencies", $"the rest of a head of {headSize} in pairs", 0, headSize % 2);
        var frequencies = new float[headSize / 2];
        for (int i = 0; i < frequencies.Length; i++)
            frequencies[i] = 1 / MathF.Pow(theta, (float)(2 * i) / headSize);
        return frequencies;
    }

    /// <summary>Position interpolation: <c>ω / factor</c>.</summary>
    /// <remarks>Chen et al. 2023, <see href="https://arxiv.org/abs/2306.15595"/>.</remarks>
    public static float[] Linear(ReadOnlySpan<float> frequencies, float factor)
    {
        float[] scaled = frequencies.ToArray();
        foreach (ref float frequency in scaled.AsSpan())
            frequency /= factor;
        return scaled;
    }

    /// <summary>
    /// The scaling of LLaMA 3.1, over wavelengths λ = 2π/ω: those shorter than C/high stay, those longer than C/low turn
    /// <paramref name="factor"/> times slower, those between are mixed, <c>(1 − t) · ω/factor + t · ω</c>, <c>t = (C/λ − low) / (high − low)</c>.
    /// </summary>
    /// <remarks>As in meta-llama/llama-models, <c>models/llama3/model.py</c>. With low = high nothing lies between.</remarks>
    /// <param name="frequencies">ω before the scaling.</param>
    /// <param name="factor">How much longer the context becomes.</param>
    /// <param name="low">low_freq_factor.</param>
    /// <param name="high">high_freq_factor, not below <paramref name="low"/>.</param>
    /// <param name="originalContext">C: the context length of pre-training, in tokens.</param>
    public static float[] Llama3(ReadOnlySpan<float> frequencies, float factor, float low, float high, float originalContext)
    {
        float[] scaled = frequencies.ToArray();
        foreach (ref float frequency in scaled.AsSpan())
        {
            float wavelength = 2 * MathF.PI / frequency;
            if (wavelength > originalContext / low)
            {
                frequency /= factor;
            }
            else if (wavelength >= originalContext / high && high > low)
            {
                float t = (originalContext / wavelength - low) / (high - low);
                frequency = (1 - t) * frequency / factor + t * frequency;
            }
        }
        return scaled;
    }

    /// <summary>Explicit factors, such as the tensor <c>rope_freqs.weight</c> of a GGUF file: <c>ωᵢ / factorᵢ</c>.</summary>
    public static float[] Divide(ReadOnlySpan<float> frequencies, ReadOnlySpan<float> factors)
    {
        Expect.SameLength("RotaryFrequencies", "the count of factors", frequencies.Length, factors.Length);
        float[] scaled = frequencies.ToArray();
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] /= factors[i];
        return scaled;
    }
}
