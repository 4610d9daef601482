using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using ZstdSharp.Unsafe;

namespace Cria.Data;

/// <summary>Opens a file of records, and takes the compression off.</summary>
internal static class RecordStream
{
    // 2^25 bytes. A file may ask for any window, and gets it before its first byte is read; zstd's own levels stay below this, --long may not.
    private const int LongestWindow = 25;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="compression"><c>.gz</c>, <c>.zst</c>, or null.</param>
    /// <exception cref="DataException">It is absent, or cannot be opened.</exception>
    public static Stream Open(string path, string? compression)
    {
        var file = new FileStream(Open(path), FileAccess.Read);
        return compression switch
        {
            ".gz" => new BufferedStream(new GZipStream(file, CompressionMode.Decompress), 1 << 16),
            ".zst" => new BufferedStream(Zstandard(file), 1 << 16),
            _ => file,
        };
    }

    /// <summary>Opens a file whose bytes are read from any place.</summary>
    /// <exception cref="DataException">It is absent, or cannot be opened.</exception>
    public static SafeFileHandle Open(string path)
    {
        try
        {
            return File.OpenHandle(path);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DataException.Absent(path);
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            throw DataException.Folder(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw DataException.Unreadable(path, refused.Message);
        }
    }

    /// <summary>Reads some bytes.</summary>
    /// <exception cref="DataException">The file is damaged, or the disk is.</exception>
    public static int Read(Stream stream, string path, Span<byte> into)
    {
        try
        {
            return stream.Read(into);
        }
        catch (Exception damaged) when (damaged is IOException or InvalidDataException or ZstdSharp.ZstdException)
        {
            throw DataException.Unreadable(path, damaged.Message);
        }
    }

    /// <summary>All bytes of a stream.</summary>
    public static byte[] ReadAll(Stream stream, string path, int limit)
    {
        using var all = new MemoryStream();
        byte[] chunk = new byte[1 << 16];
        while (Read(stream, path, chunk) is var read and > 0)
        {
            if (all.Length + read > limit)
                throw DataException.TooLarge(path, "this file, which is read as a whole,", limit);
            all.Write(chunk, 0, read);
        }
        return all.ToArray();
    }

    /// <summary>What a zstd stream holds.</summary>
    public static Stream Zstandard(Stream file)
    {
        var stream = new ZstdSharp.DecompressionStream(file, leaveOpen: false);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, LongestWindow);
        return stream;
    }
}
