namespace Cria.Tensors.Quantization;

/// <summary>fp8: w = s · q, q an 8-bit float (e4m3), s a scale of its whole row. Cards compute with it; processors do not.</summary>
/// <remarks>
/// s = max|w| / 448 over the row. In memory: the codes of all rows, the same turned (the tensor cores read sums along rows alone, and the gradient of the
/// input sums along columns), then the scales. Micikevicius et al. 2022, <see href="https://arxiv.org/abs/2209.05433"/>, for the numbers.
/// </remarks>
internal sealed class RowFloat8 : BlockFormat
{
    /// <inheritdoc/>
    /// <remarks>What the tensor cores take at once, not a block with something shared.</remarks>
    public override int BlockLength => 16;

    public override int BytesOfRow => sizeof(float);

    public override int IntegerPart => 0;

    public override bool HasOffsets => false;

    public override long Bytes(long elements) => 2 * elements;

    public override long BytesRead(long elements) => elements;

    public override void Read(Storage from, long element, Span<float> to) => throw OnCardsAlone();

    public override void ReadIntegers(Storage from, long element, Span<short> codes, Span<float> scales, Span<float> offsets) => throw OnCardsAlone();

    public override void Arrange(ReadOnlySpan<float> x, Span<float> arranged) => throw OnCardsAlone();

    public override void Dot(Storage from, long element, ReadOnlySpan<float> arranged, Span<float> y) => throw OnCardsAlone();

    public override void Write(ReadOnlySpan<float> from, Storage to, long element) => throw OnCardsAlone();

    private static NotSupportedException OnCardsAlone() => new("fp8 is a type for products on a card: bring the tensor to another type there first.");
}
