namespace Cria;

/// <summary>One measured test.</summary>
/// <param name="Test"><c>pp512</c>: a prompt of 512. <c>tg64</c>: 64 tokens one by one; <c>tg64@512</c> after 512, <c>tg64x8</c> of eight sequences together. <c>train4x256</c>: LoRA steps.</param>
/// <param name="TokensPerSecond">One figure for each repetition, sorted.</param>
/// <param name="FlopPerToken">Multiplications and additions that the model itself needs for a token.</param>
/// <param name="BytesPerToken">Bytes of weights that must be read for a token, where that is the limit.</param>
/// <param name="ResidentBytes">The memory after each repetition, in their order: of the whole process, or on a card the most that tensors of it took.</param>
public sealed record BenchmarkResult(
    string Test, IReadOnlyList<double> TokensPerSecond, double FlopPerToken, double BytesPerToken, IReadOnlyList<long> ResidentBytes)
{
    /// <summary>The middle one of the repetitions.</summary>
    public double Median => TokensPerSecond[TokensPerSecond.Count / 2];
}
