using System.Buffers.Binary;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>One mapped safetensors file: 8 bytes with the length of the header (little-endian), the header, the data.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;

    private readonly MappedFile file;
    private readonly long data;
    private readonly Dictionary<string, SafetensorsEntry> entries = [];

    private SafetensorsFile(string name, MappedFile file)
    {
        (Name, this.file) = (name, file);
        var bytes = file.Slice(0, file.Length);
        if (file.Length < LengthBytes)
            throw CheckpointException.NoHeader(name, file.Length);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Bytes(0, LengthBytes));
        long left = file.Length - LengthBytes;
        if (length > (ulong)Math.Min(left, SafetensorsHeader.MaxLength))
            throw CheckpointException.HeaderLength(name, length, left);

        data = LengthBytes + (long)length;
        var header = SafetensorsHeader.Parse(name, bytes.Bytes(LengthBytes, (int)length), file.Length - data);
        Metadata = header.Metadata;
        foreach (var entry in header.Entries)
        {
            entries.Add(entry.Name, entry);
            Tensors.Add(new TensorInfo(entry.Name, entry.DataType, entry.Type.ToLowerInvariant(), entry.Shape, name));
        }
    }

    /// <summary>The file as messages name it.</summary>
    public string Name { get; }

    public List<TensorInfo> Tensors { get; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public static SafetensorsFile Open(string path)
    {
        var file = FileMapping.Open(path);
        try
        {
            return new SafetensorsFile(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public bool Holds(string tensor) => entries.ContainsKey(tensor);

    public Storage Bytes(string tensor)
    {
        var entry = entries[tensor];
        return file.Slice(data + entry.Start, entry.End - entry.Start);
    }

    public void Dispose() => file.Dispose();
}
