using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cria.Checkpoints;

/// <summary>Writes a GGUF file of version 3: keys are set first, in the order in which they stand in the file, then the tensors stream through.</summary>
/// <remarks><see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>. No key and no tensor comes twice.</remarks>
internal sealed class GgufWriter
{
    /// <summary>Every tensor starts at a multiple of this, counted from the start of the data.</summary>
    public const int Alignment = 32;

    private const uint Version = 3;

    private readonly ArrayBufferWriter<byte> metadata = new();
    private readonly HashSet<string> keys = [];

    public GgufWriter Set(string key, string value) => Key(key, GgufValueType.Text).Text(value);

    public GgufWriter Set(string key, bool value) => Key(key, GgufValueType.Flag).Bytes([value ? (byte)1 : (byte)0]);

    public GgufWriter Set(string key, byte value) => Key(key, GgufValueType.U8).Bytes([value]);

    public GgufWriter Set(string key, sbyte value) => Key(key, GgufValueType.I8).Bytes([(byte)value]);

    public GgufWriter Set(string key, ushort value) => Key(key, GgufValueType.U16).Bytes(BitConverter.GetBytes(value));

    public GgufWriter Set(string key, short value) => Key(key, GgufValueType.I16).Bytes(BitConverter.GetBytes(value));

    public GgufWriter Set(string key, uint value) => Key(key, GgufValueType.U32).Bytes(BitConverter.GetBytes(value));

    public GgufWriter Set(string key, int value) => Key(key, GgufValueType.I32).Bytes(BitConverter.GetBytes(value));

    public GgufWriter Set(string key, ulong value) => Key(key, GgufValueType.U64).Bytes(BitConverter.GetBytes(value));

    public GgufWriter Set(string key, long value) => Key(key, GgufValueType.I64).Bytes(BitConverter.GetBytes(value));

    public GgufWriter Set(string key, float value) => Key(key, GgufValueType.F32).Bytes(BitConverter.GetBytes(value));

    public GgufWriter Set(string key, double value) => Key(key, GgufValueType.F64).Bytes(BitConverter.GetBytes(value));

    public GgufWriter Set(string key, IReadOnlyCollection<string> values)
    {
        List(key, GgufValueType.Text, values.Count);
        foreach (string value in values)
            Text(value);
        return this;
    }

    public GgufWriter Set(string key, IReadOnlyCollection<float> values)
    {
        List(key, GgufValueType.F32, values.Count);
        foreach (float value in values)
            Bytes(BitConverter.GetBytes(value));
        return this;
    }

    public GgufWriter Set(string key, IReadOnlyCollection<int> values)
    {
        List(key, GgufValueType.I32, values.Count);
        foreach (int value in values)
            Bytes(BitConverter.GetBytes(value));
        return this;
    }

    /// <summary>The value of another file, byte for byte, of whatever type.</summary>
    public GgufWriter Copy(string key, GgufMetadata from)
    {
        var (value, bytes) = from.Raw(key);
        if (value.IsArray)
            List(key, value.Element, value.Count);
        else
            Key(key, value.Type);
        return Bytes(bytes);
    }

    /// <summary>Writes the file, which is replaced only when the new one is complete.</summary>
    /// <exception cref="CheckpointException">The format does not know a tensor's type, a tensor comes twice, or the disk refuses.</exception>
    public void Write(string path, IReadOnlyList<TensorSource> tensors)
    {
        byte[] head = Head(path, tensors);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(head);
            Pad(stream, head.Length);
            foreach (var tensor in tensors)
            {
                tensor.Write(stream);
                Pad(stream, tensor.Length);
            }
        });
    }

    private byte[] Head(string path, IReadOnlyList<TensorSource> tensors)
    {
        var names = new HashSet<string>();
        using var head = new MemoryStream();
        using var writer = new BinaryWriter(head);
        writer.Write(GgufFile.Magic);
        writer.Write(Version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)keys.Count);
        writer.Write(metadata.WrittenSpan);
        long start = 0;
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw CheckpointException.Duplicate(path, tensor.Name);
            WriteLine(writer, path, tensor, start);
            start += (tensor.Length + Alignment - 1) / Alignment * Alignment;
        }
        return head.ToArray();
    }

    private static void WriteLine(BinaryWriter writer, string path, TensorSource tensor, long start)
    {
        byte[] name = Encoding.UTF8.GetBytes(tensor.Name);
        writer.Write((ulong)name.Length);
        writer.Write(name);
        writer.Write((uint)tensor.Shape.Rank);
        for (int axis = tensor.Shape.Rank - 1; axis >= 0; axis--)
            writer.Write((ulong)tensor.Shape[axis]);
        writer.Write(GgufTensorType.CodeOf(tensor.TypeName) ?? throw CheckpointException.NoGgufType(path, tensor.Name, tensor.TypeName));
        writer.Write((ulong)start);
    }

    private static void Pad(Stream stream, long written)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        zeros.Clear();
        stream.Write(zeros[..(int)(-written & (Alignment - 1))]);
    }

    private GgufWriter Key(string key, GgufValueType type)
    {
        if (!keys.Add(key))
            throw new ArgumentException($"'{key}' is set twice.", nameof(key));
        return Text(key).Bytes(BitConverter.GetBytes((uint)type));
    }

    private void List(string key, GgufValueType element, int count) =>
        Key(key, GgufValueType.Array).Bytes(BitConverter.GetBytes((uint)element)).Bytes(BitConverter.GetBytes((ulong)count));

    private GgufWriter Text(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        BinaryPrimitives.WriteUInt64LittleEndian(metadata.GetSpan(sizeof(ulong)), (ulong)length);
        metadata.Advance(sizeof(ulong));
        metadata.Advance(Encoding.UTF8.GetBytes(value, metadata.GetSpan(length)));
        return this;
    }

    private GgufWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        metadata.Write(bytes);
        return this;
    }
}
