using System.Text;

namespace Cria.Tests.Checkpoints;

/// <summary>Makes GGUF files, right or wrong, from front to back.</summary>
internal sealed class GgufBytes
{
    public const int Alignment = 32;

    private readonly List<byte> metadata = [], tensors = [], data = [];
    private ulong keys, tensorCount;

    public uint Version { get; set; } = 3;

    /// <summary>A LLaMA of one layer without tensors: 8 numbers wide, 2 heads of 4, 1 key/value head.</summary>
    public static GgufBytes TinyLlama(string architecture = "llama") => new GgufBytes()
        .Text("general.architecture", architecture)
        .U32("llama.context_length", 128)
        .U32("llama.embedding_length", 8)
        .U32("llama.block_count", 1)
        .U32("llama.feed_forward_length", 16)
        .U32("llama.attention.head_count", 2)
        .U32("llama.attention.head_count_kv", 1)
        .F32("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .U32("llama.vocab_size", 3);

    public GgufBytes Text(string key, string value) => Raw(key, 8, TextBytes(value));

    public GgufBytes U32(string key, uint value) => Raw(key, 4, BitConverter.GetBytes(value));

    public GgufBytes F32(string key, float value) => Raw(key, 6, BitConverter.GetBytes(value));

    public GgufBytes Texts(string key, params string[] values) => List(key, 8, (ulong)values.Length, [.. values.SelectMany(TextBytes)]);

    /// <summary>An array with whatever count it claims.</summary>
    public GgufBytes List(string key, uint element, ulong count, byte[] elements) =>
        Raw(key, 9, [.. BitConverter.GetBytes(element), .. BitConverter.GetBytes(count), .. elements]);

    public GgufBytes Raw(string key, uint type, byte[] value)
    {
        keys++;
        metadata.AddRange([.. TextBytes(key), .. BitConverter.GetBytes(type), .. value]);
        return this;
    }

    public GgufBytes Floats(string name, float[] numbers, params ulong[] innermostFirst) =>
        Tensor(name, 0, [.. numbers.SelectMany(BitConverter.GetBytes)], innermostFirst);

    /// <summary>A tensor behind the ones so far.</summary>
    public GgufBytes Tensor(string name, uint type, byte[] bytes, params ulong[] innermostFirst)
    {
        Line(name, type, (ulong)data.Count, innermostFirst);
        data.AddRange(bytes);
        data.AddRange(new byte[-bytes.Length & (Alignment - 1)]);
        return this;
    }

    /// <summary>A line of the list of tensors, whatever it claims.</summary>
    public GgufBytes Line(string name, uint type, ulong offset, params ulong[] innermostFirst)
    {
        tensorCount++;
        tensors.AddRange([.. TextBytes(name), .. BitConverter.GetBytes(innermostFirst.Length)]);
        foreach (ulong length in innermostFirst)
            tensors.AddRange(BitConverter.GetBytes(length));
        tensors.AddRange([.. BitConverter.GetBytes(type), .. BitConverter.GetBytes(offset)]);
        return this;
    }

    public byte[] Make(ulong? claimedTensors = null, ulong? claimedKeys = null)
    {
        byte[] head =
        [
            .. "GGUF"u8, .. BitConverter.GetBytes(Version), .. BitConverter.GetBytes(claimedTensors ?? tensorCount),
            .. BitConverter.GetBytes(claimedKeys ?? keys), .. metadata, .. tensors,
        ];
        return [.. head, .. new byte[-head.Length & (Alignment - 1)], .. data];
    }

    public string Write(string path)
    {
        File.WriteAllBytes(path, Make());
        return path;
    }

    public static byte[] TextBytes(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return [.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes];
    }
}
