using System.IO.Compression;
using System.Text;

namespace Cria.Tests.Data;

/// <summary>Texts as compressed files hold them.</summary>
internal static class Compressed
{
    public static byte[] Bytes(string text, string extension)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (extension == ".zst")
        {
            using var compressor = new ZstdSharp.Compressor();
            return compressor.Wrap(bytes).ToArray();
        }
        using var zipped = new MemoryStream();
        using (var stream = new GZipStream(zipped, CompressionLevel.Fastest))
            stream.Write(bytes);
        return zipped.ToArray();
    }
}
