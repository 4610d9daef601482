namespace Cria.Data.Parquet;

/// <summary>Small whole numbers, in runs of one value and in packs of a fixed number of bits: levels, places in a dictionary, truths.</summary>
/// <remarks><see href="https://parquet.apache.org/docs/file-format/data-pages/encodings/"/>, "Run Length Encoding / Bit-Packing Hybrid".</remarks>
internal sealed class HybridNumbers(ReadOnlyMemory<byte> bytes, int width)
{
    private readonly int width = width is >= 0 and <= 32 ? width : throw new InvalidDataException($"numbers of {width} bits");
    private int position;
    private long left;
    private bool packed;
    private int value;
    private long bit;

    /// <summary>The next number.</summary>
    public int Next()
    {
        while (left == 0)
            BeginRun();
        left--;
        return packed ? Packed() : value;
    }

    private void BeginRun()
    {
        uint head = (uint)Bits.Varint(bytes.Span, ref position);
        packed = (head & 1) == 1;
        left = packed ? (long)(head >> 1) * 8 : head >> 1;
        if (packed)
        {
            bit = position * 8L;
            position = (int)Math.Min(int.MaxValue, position + (head >> 1) * (long)width);
            return;
        }
        value = 0;
        for (int i = 0; i < (width + 7) / 8; i++)
            value |= bytes.Span[position++] << (8 * i);
    }

    private int Packed()
    {
        ulong number = Bits.At(bytes.Span, bit, width);
        bit += width;
        return (int)number;
    }
}
