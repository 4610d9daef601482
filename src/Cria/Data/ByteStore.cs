using Microsoft.Win32.SafeHandles;

namespace Cria.Data;

/// <summary>
/// Bytes that are written once, one after another, and then read from anywhere: in memory while they are few, else in a file that nobody
/// else sees and that is gone with this object, or with the process however it ends.
/// </summary>
internal sealed class ByteStore(string what, long mostInMemory) : IDisposable
{
    private const int WriteTogether = 1 << 20;

    private byte[] memory = [];     // all bytes; once there is a file, those that are not written yet
    private int inMemory;
    private SafeFileHandle? file;
    private long inFile;

    /// <summary>How many bytes there are.</summary>
    public long Length => inFile + inMemory;

    private long Most => file is null ? mostInMemory : WriteTogether;

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="DataException">The disk refuses.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (inMemory + bytes.Length > Most)
            Flush();
        if (inMemory + bytes.Length > memory.Length)
            Array.Resize(ref memory, (int)Math.Max(inMemory + bytes.Length, Math.Min(2L * memory.Length, Most)));
        bytes.CopyTo(memory.AsSpan(inMemory));
        inMemory += bytes.Length;
    }

    /// <summary>Reads bytes that were added.</summary>
    public void Read(long start, Span<byte> into)
    {
        if (start >= inFile)
        {
            memory.AsSpan((int)(start - inFile), into.Length).CopyTo(into);
            return;
        }
        Flush();
        for (int read = 0; read < into.Length;)
            read += RandomAccess.Read(file!, into[read..], start + read);
    }

    public void Dispose() => file?.Dispose();

    private void Flush()
    {
        try
        {
            file ??= Create();
            RandomAccess.Write(file, memory.AsSpan(0, inMemory), inFile);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw DataException.CannotSpill(what, Path.GetTempPath(), refused.Message);
        }
        inFile += inMemory;
        inMemory = 0;
        if (memory.Length > WriteTogether)
            memory = [];
    }

    // On Unix the name goes at once, elsewhere the system takes the file away when it is closed: a killed process leaves nothing behind.
    private static SafeFileHandle Create()
    {
        string path = Path.Combine(Path.GetTempPath(), $"cria-{Guid.NewGuid():N}.tokens");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}
