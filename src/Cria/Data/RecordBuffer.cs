namespace Cria.Data;

/// <summary>The bytes of a stream from the first one that is still needed on. A single record has at most so many: a hostile file must not fill the memory.</summary>
internal sealed class RecordBuffer(Stream stream, string path, int longest)
{
    private byte[] bytes = new byte[1 << 16];
    private int start;
    private int end;
    private bool began;

    public string Path => path;

    /// <summary>The line on which the first byte stands, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>How many bytes of that line stand before it.</summary>
    public int Column { get; private set; }

    /// <summary>What was read so far and is not taken yet.</summary>
    public ReadOnlySpan<byte> Known => bytes.AsSpan(start, end - start);

    /// <summary>The byte at a place, from 0; −1 behind the end.</summary>
    public int this[int place]
    {
        get
        {
            while (start + place >= end || !began)
                if (!Fill())
                    return -1;
            return bytes[start + place];
        }
    }

    /// <summary>Takes the first bytes off. They are valid until more is read.</summary>
    public ReadOnlyMemory<byte> Take(int count)
    {
        var taken = bytes.AsMemory(start, count);
        int lastBreak = taken.Span.LastIndexOf((byte)'\n');
        Line += lastBreak < 0 ? 0 : taken.Span.Count((byte)'\n');
        Column = lastBreak < 0 ? Column + count : count - lastBreak - 1;
        start += count;
        return taken;
    }

    /// <summary>Reads more; false at the end.</summary>
    public bool Fill()
    {
        if (!began)
            return Begin();
        if (start > 0)
        {
            Known.CopyTo(bytes);
            (start, end) = (0, end - start);
        }
        if (end == bytes.Length)
        {
            if (bytes.Length >= longest)
                throw DataException.TooLarge(path, $"the record on line {Line}", longest);
            Array.Resize(ref bytes, 2 * bytes.Length);
        }
        int read = RecordStream.Read(stream, path, bytes.AsSpan(end));
        end += read;
        return read > 0;
    }

    private bool Begin()
    {
        began = true;
        while (end < 3 && Fill())
        {
        }
        if (Known.StartsWith("\uFEFF"u8))
            start += 3;
        return end > start;
    }
}
