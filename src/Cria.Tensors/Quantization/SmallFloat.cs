namespace Cria.Tensors.Quantization;

/// <summary>The book of bitsandbytes' fp4: bit 3 is the sign, the others name eight magnitudes, in the order of its decoding tree.</summary>
internal readonly struct SmallFloat : IFourBitBook
{
    private const int Sign = 8;

    public static ReadOnlySpan<float> Codes =>
    [
        0, 0.0625f / 12, 8f / 12, 1, 4f / 12, 6f / 12, 2f / 12, 3f / 12,
        -0f, -0.0625f / 12, -8f / 12, -1, -4f / 12, -6f / 12, -2f / 12, -3f / 12,
    ];

    private static ReadOnlySpan<float> Magnitudes => [0, 0.0625f / 12, 2f / 12, 3f / 12, 4f / 12, 6f / 12, 8f / 12, 1];

    private static ReadOnlySpan<byte> Order => [0, 1, 6, 7, 4, 5, 2, 3];

    public static int Nearest(float value) => Order[CodeBook.Nearest(Magnitudes, Math.Abs(value))] + (value < 0 ? Sign : 0);
}
