using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Cria.Cli.Hub;

/// <summary>A file on its way: what has arrived of it, and the hash of that.</summary>
/// <remarks>It lies beside the blob as <c>HASH.incomplete</c>, where huggingface_hub looks for it too, and goes on from there.</remarks>
internal sealed class PartialBlob : IDisposable
{
    private readonly FileStream stream;
    private readonly HubFile file;
    private IncrementalHash hash;

    private PartialBlob(FileStream stream, HubFile file) => (this.stream, this.file, hash) = (stream, file, NewHash(file));

    /// <summary>How much has arrived.</summary>
    public long Length { get; private set; }

    /// <summary>Whether the first bytes are from an earlier run: they may be damaged, or another program's.</summary>
    public bool Continues { get; private set; }

    /// <summary>Opens what an earlier run left, or an empty file.</summary>
    public static async Task<PartialBlob> OpenAsync(string path, HubFile file, CancellationToken stop)
    {
        var partial = new PartialBlob(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0), file);
        try
        {
            await partial.TakeUpAsync(stop);
            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>Adds bytes that arrived. There must be room for them: see <see cref="Length"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        hash.AppendData(bytes);
        Length += bytes.Length;
    }

    /// <summary>Forgets what has arrived.</summary>
    public void Restart()
    {
        stream.SetLength(0);
        hash.Dispose();
        (hash, Length, Continues) = (NewHash(file), 0, false);
    }

    /// <summary>The hash of what has arrived; nothing may be added after it.</summary>
    public string Hash() => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Flush() => stream.Flush(flushToDisk: true);

    public void Dispose()
    {
        stream.Dispose();
        hash.Dispose();
    }

    private async Task TakeUpAsync(CancellationToken stop)
    {
        if (stream.Length > file.Length)
            stream.SetLength(0);
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = await stream.ReadAsync(buffer, stop)) > 0; Length += read)
            hash.AppendData(buffer.AsSpan(0, read));
        Continues = Length > 0;
    }

    [SuppressMessage("Security", "CA5350", Justification = "git names content by SHA-1; the name is what the hub gives to compare with.")]
    private static IncrementalHash NewHash(HubFile file)
    {
        if (file.Blob.Length == 64)
            return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Length}\0"));
        return hash;
    }
}
