using System.IO.MemoryMappedFiles;

namespace Cria.Tensors;

/// <summary>A file seen as memory: weights are read in place, and only the pages that are used are ever loaded.</summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? file;
    private readonly MemoryMappedViewAccessor? view;
    private readonly byte* start;

    /// <summary>Maps a file for reading.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public MappedFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Length = stream.Length;
        if (Length == 0)
            return;                         // an empty file cannot be mapped, and has nothing to read
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
    }

    /// <summary>The size of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>A part of the file as the bytes of a tensor; nothing is copied. The file stays mapped while the storage is in use.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the file.</exception>
    public Storage Slice(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{offset} + {length} lies outside of a file of {Length} bytes.");
        return new Storage(start + offset, length, this);
    }

    /// <summary>Unmaps the file: tensors over it must not be used any more.</summary>
    public void Dispose()
    {
        if (view is not null)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }
        file?.Dispose();
    }
}
