namespace Cria.Tensors.Quantization;

/// <summary>The book of 4-bit NormalFloat: quantiles of the normal distribution, scaled to ±1; zero is exact.</summary>
/// <remarks>Dettmers et al. 2023, appendix E, <see href="https://arxiv.org/abs/2305.14314"/>.</remarks>
internal readonly struct NormalFloat : IFourBitBook
{
    public static ReadOnlySpan<float> Codes =>
    [
        -1f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
        -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0f,
        0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1f,
    ];

    public static int Nearest(float value) => CodeBook.Nearest(Codes, value);
}
