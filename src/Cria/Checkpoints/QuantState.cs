using System.Globalization;
using System.Text;
using System.Text.Json;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>What bitsandbytes writes beside a packed weight: a JSON object in the bytes of a tensor of its own.</summary>
/// <param name="Type"><c>nf4</c> or <c>fp4</c>.</param>
/// <param name="BlockLength">How many numbers share a scale.</param>
/// <param name="ComputeType">The type that PyTorch is to compute with, such as <c>bfloat16</c>. It changes nothing here.</param>
/// <param name="Shape">The shape of the weight.</param>
/// <param name="GroupLength">How many scales share a scale of their own; null where scales are floats.</param>
/// <param name="Offset">What is added to nested scales.</param>
internal sealed record QuantState(string Type, int BlockLength, string ComputeType, Shape Shape, int? GroupLength = null, float Offset = 0)
{
    private const int MaxLength = 4_096, LeastBlock = FourBitParts.BlockLength, MostBlock = 4_096;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>Whether the scales are bytes.</summary>
    public bool IsNested => GroupLength is not null;

    /// <summary>Reads the object; <paramref name="file"/> and <paramref name="tensor"/> are for messages.</summary>
    public static QuantState Parse(string file, string tensor, ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxLength)
            throw CheckpointException.QuantState(file, tensor, $"expected {MaxLength:N0} bytes of JSON at most, found {json.Length:N0}");
        try
        {
            using var document = JsonDocument.Parse(json.ToArray(), Options);
            return Parse(document.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            throw CheckpointException.QuantState(file, tensor, "expected a JSON object with quant_type, blocksize, dtype and shape, nested_blocksize and nested_offset where scales are nested");
        }
    }

    /// <summary>Whether the blocks are whole ones of ours: powers of two of 64 numbers and more.</summary>
    public bool HasBlocksOfOurs => BlockLength is >= LeastBlock and <= MostBlock && int.IsPow2(BlockLength);

    /// <summary>The object, with the keys in the order and the spaces of Python's.</summary>
    public byte[] ToJson()
    {
        var shape = Enumerable.Range(0, Shape.Rank).Select(axis => Shape[axis].ToString(CultureInfo.InvariantCulture));
        var json = new StringBuilder($$"""{"quant_type": "{{Type}}", "blocksize": {{BlockLength}}, "dtype": "{{ComputeType}}", "shape": [{{string.Join(", ", shape)}}]""");
        if (IsNested)
        {
            string offset = ((double)Offset).ToString("R", CultureInfo.InvariantCulture);
            json.Append(CultureInfo.InvariantCulture, $", \"nested_blocksize\": {GroupLength}, \"nested_dtype\": \"float32\", \"nested_offset\": {offset}");
        }
        return Encoding.UTF8.GetBytes(json.Append('}').ToString());
    }

    private static QuantState Parse(JsonElement root)
    {
        long[] axes = [.. root.GetProperty("shape").EnumerateArray().Select(axis => axis.GetInt64())];
        if (axes.Length > Shape.MaxRank || axes.Any(axis => axis < 0))
            throw new FormatException();
        var plain = new QuantState(Text(root, "quant_type"), root.GetProperty("blocksize").GetInt32(), Text(root, "dtype"), new Shape(axes));
        _ = (plain.Shape.Length, plain.Shape.Rows, plain.Shape.Columns);        // each throws where it overflows
        return root.TryGetProperty("nested_blocksize", out var group)
            ? plain with { GroupLength = group.GetInt32(), Offset = root.GetProperty("nested_offset").GetSingle() }
            : plain;
    }

    private static string Text(JsonElement root, string key) => root.GetProperty(key).GetString() ?? throw new FormatException();
}
