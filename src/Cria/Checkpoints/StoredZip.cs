using System.Buffers.Binary;
using System.Text;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>One entry of a zip archive.</summary>
/// <param name="Name">The path inside the archive, with forward slashes.</param>
/// <param name="Start">The first byte of its content in the file.</param>
/// <param name="Length">The bytes of its content.</param>
internal sealed record ZipEntry(string Name, long Start, long Length);

/// <summary>A mapped zip archive whose entries are stored without compression, so that each is a part of the map. Nothing is unpacked.</summary>
/// <remarks>
/// PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3 (zip64): <see href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT"/>.
/// PyTorch and numpy write such archives. Sums of the content are not checked: that would read the whole model.
/// </remarks>
internal sealed class StoredZip : IDisposable
{
    private const int EndBytes = 22, LocatorBytes = 20, End64Bytes = 56, EntryBytes = 46, LocalBytes = 30;
    private const uint EndMark = 0x06054b50, LocatorMark = 0x07064b50, End64Mark = 0x06064b50, EntryMark = 0x02014b50, LocalMark = 0x04034b50;

    // An entry takes about 100 bytes; a model has one for each tensor.
    private const long LongestDirectory = 8 << 20;

    private readonly MappedFile file;
    private readonly Dictionary<string, ZipEntry> entries = [];

    private StoredZip(string name, MappedFile file)
    {
        (Name, this.file) = (name, file);
        var (start, length, count) = FindDirectory();
        if (start < 0 || length < 0 || length > LongestDirectory || start > file.Length - length || count < 0 || count > length / EntryBytes)
            throw CheckpointException.BadZip(name, "its directory has an impossible place or length");
        ReadDirectory(file.Slice(start, length), count, end: start);
        CheckPlaces();
    }

    /// <summary>The file as messages name it.</summary>
    public string Name { get; }

    public IReadOnlyCollection<ZipEntry> Entries => entries.Values;

    public static ReadOnlySpan<byte> Magic => "PK\x03\x04"u8;

    public static StoredZip Open(string path)
    {
        var file = FileMapping.Open(path);
        try
        {
            return new StoredZip(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public ZipEntry? Find(string name) => entries.GetValueOrDefault(name);

    public Storage Bytes(ZipEntry entry) => file.Slice(entry.Start, entry.Length);

    public Storage Bytes(long start, long length) => file.Slice(start, length);

    public void Dispose() => file.Dispose();

    // The end record stands last, behind it only a comment of at most 64 KB.
    private (long Start, long Length, long Count) FindDirectory()
    {
        int length = (int)Math.Min(file.Length, EndBytes + ushort.MaxValue);
        var tail = file.Slice(file.Length - length, length).Bytes(0, length);
        for (int at = length - EndBytes; at >= 0; at--)
        {
            var end = tail[at..];
            if (U32(end) != EndMark || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndBytes)
                continue;
            return FindDirectory64(file.Length - length + at)
                ?? (U32(end[16..]), U32(end[12..]), BinaryPrimitives.ReadUInt16LittleEndian(end[10..]));
        }
        throw CheckpointException.BadZip(Name, "its directory, which stands at the end, is missing");
    }

    private (long Start, long Length, long Count)? FindDirectory64(long end)
    {
        if (end < LocatorBytes + End64Bytes)
            return null;
        var locator = file.Slice(end - LocatorBytes, LocatorBytes).Bytes(0, LocatorBytes);
        if (U32(locator) != LocatorMark)
            return null;
        long at = I64(locator[8..]);
        if (at < 0 || at > end - LocatorBytes - End64Bytes)
            throw CheckpointException.BadZip(Name, "its directory has an impossible place or length");
        var end64 = file.Slice(at, End64Bytes).Bytes(0, End64Bytes);
        return U32(end64) == End64Mark
            ? (I64(end64[48..]), I64(end64[40..]), I64(end64[32..]))
            : throw CheckpointException.BadZip(Name, "its directory, which stands at the end, is damaged");
    }

    private void ReadDirectory(Storage directory, long count, long end)
    {
        var bytes = directory.Bytes(0, (int)directory.Length);
        for (long i = 0; i < count; i++)
        {
            if (bytes.Length < EntryBytes || U32(bytes) != EntryMark)
                throw CheckpointException.BadZip(Name, $"entry {i:N0} of its directory is damaged");
            int name = U16(bytes[28..]), extra = U16(bytes[30..]), all = EntryBytes + name + extra + U16(bytes[32..]);
            if (all > bytes.Length)
                throw CheckpointException.BadZip(Name, $"entry {i:N0} of its directory is cut off");
            ReadEntry(bytes[..EntryBytes], bytes.Slice(EntryBytes, name), bytes.Slice(EntryBytes + name, extra), end);
            bytes = bytes[all..];
        }
    }

    private void ReadEntry(ReadOnlySpan<byte> head, ReadOnlySpan<byte> nameBytes, ReadOnlySpan<byte> extra, long end)
    {
        string name = Encoding.UTF8.GetString(nameBytes);
        if (name.Contains('\\') || name.StartsWith('/') || name.Split('/').Contains(".."))
            throw CheckpointException.ZipLeavesFolder(Name, name);
        bool encrypted = (U16(head[8..]) & 1) != 0;
        if (encrypted || U16(head[10..]) != 0)
            throw CheckpointException.ZipCompressed(Name, name, encrypted);

        var wide = new Zip64Fields(extra);
        long length = wide.Widen(U32(head[24..])), stored = wide.Widen(U32(head[20..])), header = wide.Widen(U32(head[42..]));
        if (length != stored || length < 0 || header < 0 || header > end - LocalBytes - nameBytes.Length)
            throw CheckpointException.BadZip(Name, $"entry {CheckpointException.Quote(name)} has an impossible place or length");
        var local = file.Slice(header, LocalBytes + nameBytes.Length).Bytes(0, LocalBytes + nameBytes.Length);
        long start = header + LocalBytes + U16(local[26..]) + U16(local[28..]);
        if (U32(local) != LocalMark || U16(local[26..]) != nameBytes.Length || !local[LocalBytes..].SequenceEqual(nameBytes) || start > end - length)
            throw CheckpointException.BadZip(Name, $"entry {CheckpointException.Quote(name)} does not stand where the directory says");
        if (!entries.TryAdd(name, new ZipEntry(name, start, length)))
            throw CheckpointException.BadZip(Name, $"entry {CheckpointException.Quote(name)} is in the archive twice");
    }

    private void CheckPlaces()
    {
        ZipEntry? before = null;
        foreach (var entry in entries.Values.OrderBy(entry => entry.Start).ThenBy(entry => entry.Length))
        {
            if (before is not null && entry.Start < before.Start + before.Length)
                throw CheckpointException.BadZip(Name, $"entries {CheckpointException.Quote(before.Name)} and {CheckpointException.Quote(entry.Name)} overlap");
            before = entry;
        }
    }

    private static int U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    /// <summary>The 64-bit numbers that stand in for 32-bit fields of all ones, in the order of the fields.</summary>
    private ref struct Zip64Fields(ReadOnlySpan<byte> extra)
    {
        private const int Id = 1;

        private ReadOnlySpan<byte> left = Find(extra);

        public long Widen(uint field)
        {
            if (field != uint.MaxValue)
                return field;
            if (left.Length < sizeof(long))
                return -1;
            long wide = I64(left);
            left = left[sizeof(long)..];
            return wide;
        }

        private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> extra)
        {
            while (extra.Length >= 4 && U16(extra[2..]) is var length && length <= extra.Length - 4)
            {
                if (U16(extra) == Id)
                    return extra.Slice(4, length);
                extra = extra[(4 + length)..];
            }
            return [];
        }
    }
}
