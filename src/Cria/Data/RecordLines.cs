namespace Cria.Data;

/// <summary>The lines of a stream as bytes, each at most so long: a hostile file must not fill the memory.</summary>
internal sealed class RecordLines(Stream stream, string path, int longest)
{
    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private bool began;

    /// <summary>The number of the line that <see cref="Next"/> returned last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Whether the first byte that is neither a space nor a mark of byte order is this one.</summary>
    public bool StartsWith(byte first)
    {
        SkipByteOrderMark();
        for (int seen = 0; ; seen++)
        {
            if (start + seen == end && !Fill())
                return false;
            if (!" \t\r\n"u8.Contains(buffer[start + seen]))
                return buffer[start + seen] == first;
        }
    }

    /// <summary>The next line without its end, valid until the next call; null behind the last.</summary>
    public ReadOnlyMemory<byte>? Next()
    {
        SkipByteOrderMark();
        for (int seen = 0; ;)
        {
            int length = buffer.AsSpan(start + seen, end - start - seen).IndexOf((byte)'\n');
            if (length >= 0)
                return Take(seen + length, skip: 1);
            seen = end - start;
            if (!Fill())
                return seen > 0 ? Take(seen, skip: 0) : default(ReadOnlyMemory<byte>?);
        }
    }

    /// <summary>Everything that is left.</summary>
    public byte[] Rest(int limit) => ReadAll(stream, path, limit, buffer.AsSpan(start, end - start));

    /// <summary>All bytes of a stream.</summary>
    public static byte[] ReadAll(Stream stream, string path, int limit, ReadOnlySpan<byte> before = default)
    {
        using var all = new MemoryStream();
        all.Write(before);
        byte[] chunk = new byte[1 << 16];
        while (Read(stream, path, chunk) is var read and > 0)
        {
            if (all.Length + read > limit)
                throw DataException.TooLarge(path, "this file, which is read as a whole,", limit);
            all.Write(chunk, 0, read);
        }
        return all.ToArray();
    }

    private ReadOnlyMemory<byte> Take(int length, int skip)
    {
        var line = buffer.AsMemory(start, length);
        start += length + skip;
        Number++;
        return line;
    }

    private bool Fill()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        if (end == buffer.Length)
        {
            if (buffer.Length >= longest)
                throw DataException.TooLarge(path, $"line {Number + 1}", longest);
            Array.Resize(ref buffer, 2 * buffer.Length);
        }
        int read = Read(stream, path, buffer.AsSpan(end));
        end += read;
        return read > 0;
    }

    private void SkipByteOrderMark()
    {
        if (began)
            return;
        began = true;
        while (end < 3 && Fill())
        {
        }
        if (buffer.AsSpan(start, end - start).StartsWith("\uFEFF"u8))
            start += 3;
    }

    private static int Read(Stream stream, string path, Span<byte> into)
    {
        try
        {
            return stream.Read(into);
        }
        catch (Exception damaged) when (damaged is IOException or InvalidDataException)
        {
            throw DataException.Unreadable(path, damaged.Message);
        }
    }
}
