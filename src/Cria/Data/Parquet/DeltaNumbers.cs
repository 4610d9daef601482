namespace Cria.Data.Parquet;

/// <summary>Whole numbers as the differences between them, in blocks whose smallest difference is taken off.</summary>
/// <remarks>Encodings page of Parquet, "Delta Encoding (DELTA_BINARY_PACKED = 5)".</remarks>
internal sealed class DeltaNumbers
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly int perMiniBlock, miniBlocks;
    private byte[] widths = [];
    private int position, given, miniBlock, inMiniBlock;
    private long last, smallest;

    public DeltaNumbers(ReadOnlyMemory<byte> bytes)
    {
        this.bytes = bytes;
        long perBlock = (long)Unsigned();
        miniBlocks = (int)Math.Min(Unsigned(), int.MaxValue);
        Count = (int)Math.Min(Unsigned(), int.MaxValue);
        last = Signed();
        if (miniBlocks is 0 or > 1024 || perBlock <= 0 || perBlock > 1 << 20 || perBlock % miniBlocks != 0 || perBlock / miniBlocks % 8 != 0)
            throw new InvalidDataException($"blocks of {perBlock} numbers in {miniBlocks} parts");
        perMiniBlock = (int)perBlock / miniBlocks;
        (miniBlock, inMiniBlock) = (miniBlocks, 0);
    }

    /// <summary>How many numbers there are.</summary>
    public int Count { get; }

    /// <summary>The next number.</summary>
    public long Next()
    {
        if (given++ == 0)
            return last;
        if (given > Count)
            throw new InvalidDataException($"more than {Count} numbers were asked for");
        if (inMiniBlock == 0 && miniBlock == miniBlocks)
            BeginBlock();
        int width = widths[miniBlock] is <= 64 and var known ? known : throw new InvalidDataException($"numbers of {widths[miniBlock]} bits");
        last = unchecked(last + smallest + (long)Bits.At(bytes.Span, position * 8L + (long)inMiniBlock * width, width));
        if (++inMiniBlock == perMiniBlock)
            EndMiniBlock();
        return last;
    }

    /// <summary>The numbers, as lengths of which none is negative, and where the bytes behind them begin.</summary>
    /// <param name="most">A limit on how many there are.</param>
    /// <param name="end">The first byte behind them.</param>
    public int[] Lengths(int most, out int end)
    {
        int[] lengths = new int[Count <= most ? Count : throw new InvalidDataException($"{Count} lengths for {most} values")];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = Next() is >= 0 and <= int.MaxValue and var length ? (int)length : throw new InvalidDataException("a length is negative");
        if (inMiniBlock > 0)
            EndMiniBlock();
        end = position;
        return lengths;
    }

    private void BeginBlock()
    {
        smallest = Signed();
        widths = bytes.Slice(position, miniBlocks).ToArray();
        position += miniBlocks;
        miniBlock = 0;
    }

    // A part is written whole, even where the numbers end within it; parts behind that are not written.
    private void EndMiniBlock()
    {
        position = checked(position + perMiniBlock / 8 * widths[miniBlock]);
        miniBlock++;
        inMiniBlock = 0;
    }

    private long Signed() => Bits.Signed(Unsigned());

    private ulong Unsigned() => Bits.Varint(bytes.Span, ref position);
}
