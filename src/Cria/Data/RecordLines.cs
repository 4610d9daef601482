namespace Cria.Data;

/// <summary>The lines of a file as bytes.</summary>
internal sealed class RecordLines(RecordBuffer buffer)
{
    /// <summary>The number of the line that <see cref="Next"/> returned last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its end, valid until the next call; null behind the last.</summary>
    public ReadOnlyMemory<byte>? Next()
    {
        Number = buffer.Line;
        for (int seen = 0; ;)
        {
            int length = buffer.Known[seen..].IndexOf((byte)'\n');
            if (length >= 0)
                return buffer.Take(seen + length + 1)[..^1];
            seen = buffer.Known.Length;
            if (!buffer.Fill())
                return seen > 0 ? buffer.Take(seen) : default(ReadOnlyMemory<byte>?);
        }
    }
}
