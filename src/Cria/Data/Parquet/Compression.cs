using System.IO.Compression;

namespace Cria.Data.Parquet;

/// <summary>Takes the compression of a page off. The room that is taken grows with what comes out, whatever the page claims.</summary>
internal static class Compression
{
    private const int None = 0, SnappyCode = 1, Gzip = 2, Brotli = 4, Zstandard = 6;
    private const int AlwaysAllowed = 64 << 20, MostPerByte = 64;

    /// <param name="codec">The number that the footer gives.</param>
    /// <param name="bytes">The compressed bytes.</param>
    /// <param name="size">How many bytes have to come out.</param>
    public static ReadOnlyMemory<byte> Decompress(int codec, ReadOnlyMemory<byte> bytes, int size)
    {
        if (size > Math.Max(AlwaysAllowed, (long)MostPerByte * bytes.Length))
            throw new InvalidDataException($"{bytes.Length} compressed bytes claim to be {size}");
        var plain = codec switch
        {
            None => bytes,
            SnappyCode => Snappy.Decompress(bytes.Span),
            Gzip => Inflate(stream => new GZipStream(stream, CompressionMode.Decompress), bytes, size),
            Brotli => Inflate(stream => new BrotliStream(stream, CompressionMode.Decompress), bytes, size),
            Zstandard => Inflate(RecordStream.Zstandard, bytes, size),
            _ => throw new InvalidDataException($"its pages are compressed by a method (number {codec}) that is not read: write it with snappy, gzip, brotli, zstd or none"),
        };
        return plain.Length == size ? plain : throw new InvalidDataException($"a page has {plain.Length} bytes, and {size} were promised");
    }

    private static byte[] Inflate(Func<Stream, Stream> open, ReadOnlyMemory<byte> bytes, int size)
    {
        using var stream = open(new MemoryStream(bytes.ToArray(), writable: false));
        using var plain = new MemoryStream(Math.Min(size, 1 << 16));
        byte[] chunk = new byte[1 << 14];
        while (stream.Read(chunk) is var read and > 0)
        {
            if (plain.Length + read > size)
                throw new InvalidDataException($"a page has more than the {size} bytes that were promised");
            plain.Write(chunk, 0, read);
        }
        return plain.ToArray();
    }
}
