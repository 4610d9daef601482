using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>Writes safetensors files, as Python's libraries read them. Reading is <see cref="Checkpoint.Open"/>.</summary>
/// <remarks><see href="https://github.com/huggingface/safetensors#format"/>.</remarks>
public static class Safetensors
{
    private const int Alignment = 8;
    private const int ChunkBytes = 1 << 20;

    // transformers refuses files that do not say which library's tensors they hold.
    private static readonly Dictionary<string, string> MadeForPyTorch = new() { ["format"] = "pt" };

    /// <summary>Writes f32, f16 and bf16 tensors to a file, which is replaced only when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name, in the order in which the header lists them.</param>
    /// <param name="metadata">Free text by key; <c>format</c>: <c>pt</c> when left out.</param>
    /// <exception cref="CheckpointException">A tensor is of a type that the format does not know, a name comes twice, or the disk refuses.</exception>
    public static void Write(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        List<KeyValuePair<string, Tensor>> listed = [.. tensors];
        Check(path, listed);

        // PyTorch reads a number of n bytes only where its offset is a multiple of n: wide types come first.
        List<KeyValuePair<string, Tensor>> placed = [.. listed.OrderByDescending(pair => pair.Value.Type.Bytes(1))];
        byte[] header = Header(listed, placed, metadata ?? MadeForPyTorch);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var (_, tensor) in placed)
                WriteBytes(stream, tensor.Storage);
        });
    }

    /// <summary>The bytes of the file that <see cref="Write"/> makes.</summary>
    internal static long FileBytes(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        List<KeyValuePair<string, Tensor>> listed = [.. tensors];
        return Header(listed, listed, MadeForPyTorch).Length + listed.Sum(pair => pair.Value.Storage.Length);
    }

    private static void Check(string path, List<KeyValuePair<string, Tensor>> tensors)
    {
        var names = new HashSet<string>();
        foreach (var (name, tensor) in tensors)
        {
            if (!names.Add(name))
                throw CheckpointException.Duplicate(path, name);
            if (TypeName(tensor.Type) is null)
                throw CheckpointException.NotStorable(path, name, tensor.Type);
        }
    }

    private static string? TypeName(DataType type) => type.Name switch
    {
        "f32" => "F32",
        "f16" => "F16",
        "bf16" => "BF16",
        _ => null,
    };

    private static byte[] Header(
        List<KeyValuePair<string, Tensor>> listed, List<KeyValuePair<string, Tensor>> placed, IReadOnlyDictionary<string, string> metadata)
    {
        var starts = new Dictionary<string, long>();
        long end = 0;
        foreach (var (name, tensor) in placed)
        {
            starts.Add(name, end);
            end += tensor.Storage.Length;
        }

        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(stackalloc byte[sizeof(ulong)]);      // the length of what follows, known only then
        using (var json = new Utf8JsonWriter(buffer))
            WriteHeader(json, listed, starts, metadata);
        int padding = -buffer.WrittenCount & (Alignment - 1);
        byte[] header = [.. buffer.WrittenSpan, .. Enumerable.Repeat((byte)' ', padding)];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - sizeof(ulong)));
        return header;
    }

    private static void WriteHeader(
        Utf8JsonWriter json, List<KeyValuePair<string, Tensor>> tensors, Dictionary<string, long> starts, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        foreach (var (name, tensor) in tensors)
        {
            json.WriteStartObject(name);
            json.WriteString("dtype", TypeName(tensor.Type));
            json.WriteStartArray("shape");
            for (int axis = 0; axis < tensor.Shape.Rank; axis++)
                json.WriteNumberValue(tensor.Shape[axis]);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(starts[name]);
            json.WriteNumberValue(starts[name] + tensor.Storage.Length);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteBytes(Stream stream, Storage bytes)
    {
        for (long at = 0; at < bytes.Length; at += ChunkBytes)
            stream.Write(bytes.Bytes(at, (int)Math.Min(ChunkBytes, bytes.Length - at)));
    }
}
