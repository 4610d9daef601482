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
        WriteSources(path, [.. tensors.Select(tensor => TensorSource.Of(tensor.Key, tensor.Value))], metadata);
    }

    /// <summary>The same for tensors whose bytes are made one after another, plain bytes among them.</summary>
    internal static void WriteSources(string path, IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Check(path, tensors);

        // PyTorch reads a number of n bytes only where its offset is a multiple of n: wide types come first.
        List<TensorSource> placed = [.. tensors.OrderByDescending(tensor => SafetensorsEntry.SizeOf(TypeName(tensor.TypeName)!))];
        byte[] header = Header(tensors, placed, metadata ?? MadeForPyTorch);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var tensor in placed)
                tensor.Write(stream);
        });
    }

    /// <summary>The bytes of the file that <see cref="Write"/> makes.</summary>
    internal static long FileBytes(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        List<TensorSource> listed = [.. tensors.Select(tensor => TensorSource.Of(tensor.Key, tensor.Value))];
        return Header(listed, listed, MadeForPyTorch).Length + listed.Sum(tensor => tensor.Length);
    }

    private static void Check(string path, IEnumerable<TensorSource> tensors)
    {
        var names = new HashSet<string>();
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw CheckpointException.Duplicate(path, tensor.Name);
            if (TypeName(tensor.TypeName) is null)
                throw CheckpointException.NotStorable(path, tensor.Name, tensor.TypeName);
        }
    }

    private static string? TypeName(string type) => type switch
    {
        "f32" => "F32",
        "f16" => "F16",
        "bf16" => "BF16",
        "u8" => "U8",
        _ => null,
    };

    private static byte[] Header(IReadOnlyList<TensorSource> listed, List<TensorSource> placed, IReadOnlyDictionary<string, string> metadata)
    {
        var starts = new Dictionary<string, long>();
        long end = 0;
        foreach (var tensor in placed)
        {
            starts.Add(tensor.Name, end);
            end += tensor.Length;
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
        Utf8JsonWriter json, IEnumerable<TensorSource> tensors, Dictionary<string, long> starts, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        foreach (var tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", TypeName(tensor.TypeName));
            json.WriteStartArray("shape");
            for (int axis = 0; axis < tensor.Shape.Rank; axis++)
                json.WriteNumberValue(tensor.Shape[axis]);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(starts[tensor.Name]);
            json.WriteNumberValue(starts[tensor.Name] + tensor.Length);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
