using System.Text;

namespace Cria.Tests.Checkpoints;

/// <summary>Writes zip archives as PyTorch does: nothing compressed, every content at a multiple of 64. A content may be a hole that takes no space on the disk.</summary>
internal sealed class ZipBytes(Stream stream)
{
    private const int Alignment = 64;

    private readonly List<byte> directory = [];
    private long count;

    private ushort method;

    /// <summary>The compression that the next entries claim.</summary>
    public ZipBytes Claim(ushort compression)
    {
        method = compression;
        return this;
    }

    public ZipBytes Add(string name, string content) => Add(name, Encoding.UTF8.GetBytes(content));

    public ZipBytes Add(string name, ReadOnlySpan<byte> content)
    {
        Start(name, content.Length);
        stream.Write(content);
        return this;
    }

    public ZipBytes AddHole(string name, long length)
    {
        Start(name, length);
        stream.SetLength(stream.Position += length);
        return this;
    }

    public void End()
    {
        long start = stream.Position;
        stream.Write([.. directory]);
        long end64 = stream.Position;
        Write(0x06064b50u, 44L, (ushort)45, (ushort)45, 0u, 0u, count, count, (long)directory.Count, start);
        Write(0x07064b50u, 0u, end64, 1u);
        Write(0x06054b50u, (ushort)0, (ushort)0, (ushort)0xFFFF, (ushort)0xFFFF, (uint)directory.Count, 0xFFFFFFFFu, (ushort)0);
    }

    private void Start(string name, long length)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        long header = stream.Position;
        int padding = (int)(-(header + 30 + utf8.Length + 4) & (Alignment - 1));
        Write(0x04034b50u, (ushort)45, (ushort)0x800, method, 0u, 0u, 0xFFFFFFFFu, 0xFFFFFFFFu, (ushort)utf8.Length, (ushort)(padding + 4), utf8, (ushort)0x4246, (ushort)padding, new byte[padding]);
        directory.AddRange(Bytes(
            0x02014b50u, (ushort)45, (ushort)45, (ushort)0x800, method, 0u, 0u, 0xFFFFFFFFu, 0xFFFFFFFFu, (ushort)utf8.Length, (ushort)28,
            (ushort)0, (ushort)0, (ushort)0, 0u, 0xFFFFFFFFu, utf8, (ushort)1, (ushort)24, length, length, header));
        count++;
    }

    private void Write(params object[] fields) => stream.Write(Bytes(fields));

    private static byte[] Bytes(params object[] fields) =>
    [
        .. fields.SelectMany(field => field switch
        {
            ushort two => BitConverter.GetBytes(two),
            uint four => BitConverter.GetBytes(four),
            long eight => BitConverter.GetBytes(eight),
            byte[] bytes => bytes,
            _ => throw new ArgumentException($"{field}"),
        }),
    ];
}
