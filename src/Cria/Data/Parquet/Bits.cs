namespace Cria.Data.Parquet;

/// <summary>Numbers that do not begin or end at whole bytes, or have as many bytes as they need.</summary>
internal static class Bits
{
    /// <summary>A number in groups of seven bits, the lowest first; the highest bit of a byte says that another follows.</summary>
    public static ulong Varint(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = bytes[position++];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                return value;
        }
        throw new InvalidDataException("a number has too many bytes");
    }

    /// <summary>A number with its sign in the lowest bit.</summary>
    public static long Signed(ulong raw) => (long)(raw >> 1) ^ -(long)(raw & 1);

    /// <summary>A number of so many bits, the lowest first.</summary>
    public static ulong At(ReadOnlySpan<byte> bytes, long start, int width)
    {
        int first = (int)(start / 8), end = (int)((start + width + 7) / 8), skipped = (int)(start % 8);
        ulong low = 0, high = 0;
        for (int i = first; i < end; i++)
        {
            if (i - first < 8)
                low |= (ulong)bytes[i] << (8 * (i - first));
            else
                high = bytes[i];
        }
        ulong number = skipped == 0 ? low : low >> skipped | high << (64 - skipped);
        return width == 64 ? number : number & ((1UL << width) - 1);
    }
}
