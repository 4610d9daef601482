namespace Cria.Data.Parquet;

/// <summary>Takes Snappy's compression off: bytes as they are, and copies of what came before.</summary>
/// <remarks><see href="https://github.com/google/snappy/blob/main/format_description.txt"/>.</remarks>
internal static class Snappy
{
    // A copy of 64 bytes takes three at least, so no honest file claims more than 22 times its size.
    private const int MostPerByte = 22;

    public static byte[] Decompress(ReadOnlySpan<byte> from)
    {
        int position = 0;
        ulong length = Bits.Varint(from, ref position);
        if (length > (ulong)from.Length * MostPerByte)
            throw new InvalidDataException($"{from.Length} compressed bytes claim to be {length}");
        byte[] to = new byte[length];
        int written = 0;
        while (position < from.Length)
            written += Element(from, ref position, to, written);
        return written == to.Length ? to : throw new InvalidDataException($"{written} bytes stand where {to.Length} were promised");
    }

    // The two lowest bits of a tag tell literals from copies with an offset of 1, 2 or 4 bytes.
    private static int Element(ReadOnlySpan<byte> from, ref int position, byte[] to, int written)
    {
        byte tag = from[position++];
        int kind = tag & 3, length = (tag >> 2) + 1;
        if (kind == 0)
        {
            if (length > 60)
                length = checked((int)(Number(from, ref position, length - 60) + 1));
            from.Slice(position, length).CopyTo(to.AsSpan(written));
            position += length;
            return length;
        }
        if (kind == 1)
            length = (tag >> 2 & 7) + 4;
        long offset = kind == 1 ? (tag >> 5 << 8) + from[position++] : Number(from, ref position, kind == 2 ? 2 : 4);
        if (offset == 0 || offset > written || length > to.Length - written)
            throw new InvalidDataException("a copy reaches out of the data");
        for (int i = 0; i < length; i++)
            to[written + i] = to[written + i - offset];   // byte by byte: a copy may overlap itself
        return length;
    }

    private static long Number(ReadOnlySpan<byte> from, ref int position, int bytes)
    {
        long number = 0;
        for (int i = 0; i < bytes; i++)
            number |= (long)from[position++] << (8 * i);
        return number;
    }
}
