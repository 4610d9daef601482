using System.Text.Json;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>The header of a safetensors file: <c>{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}</c>.</summary>
/// <remarks>
/// <see href="https://github.com/huggingface/safetensors#format"/>. The bytes of data must all belong to exactly one tensor, as
/// the format demands: a file with hidden parts could be two files at once.
/// </remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header in bytes; the reference implementation has the same limit.</summary>
    public const int MaxLength = 100_000_000;

    private const string MetadataKey = "__metadata__";

    private readonly string file;
    private readonly HashSet<string> names = [];

    private SafetensorsHeader(string file) => this.file = file;

    /// <summary>The tensors in the order of the header.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>Free text by key, such as <c>format</c>: <c>pt</c>.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Reads a header and checks every statement in it.</summary>
    /// <param name="file">The file, as messages name it.</param>
    /// <param name="json">The header.</param>
    /// <param name="dataLength">How many bytes follow it.</param>
    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader(file);
        try
        {
            header.Read(json);
        }
        catch (JsonException wrong)
        {
            throw CheckpointException.BadHeader(file, $"it is not valid JSON at byte {wrong.BytePositionInLine}.");
        }
        catch (InvalidOperationException)
        {
            throw CheckpointException.BadHeader(file, "a text in it is not valid UTF-8.");      // thrown by GetString
        }
        header.CheckPlaces(dataLength);
        return header;
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        Expect(ref reader, JsonTokenType.StartObject, "the list of tensors");
        while (NextKey(ref reader) is { } name)
        {
            if (names.Count == Checkpoint.MaxTensors)
                throw CheckpointException.TooManyTensors(file);
            if (!names.Add(name))
                throw CheckpointException.Duplicate(file, name);
            if (name == MetadataKey)
                ReadMetadata(ref reader);
            else
                ReadEntry(ref reader, name);
        }
        if (reader.Read())
            throw CheckpointException.BadHeader(file, "something follows the list of tensors.");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
            throw CheckpointException.BadHeader(file, $"{CheckpointException.Quote(MetadataKey)} is not described as the format says.");
        if (reader.TokenType == JsonTokenType.Null)
            return;                         // as mlx writes it where there is none
        while (NextKey(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, MetadataKey);
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw CheckpointException.BadHeader(file, $"{MetadataKey} has {CheckpointException.Quote(key)} twice.");
        }
    }

    private void ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        long[]? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, name);
        while (NextKey(ref reader) is { } key)
        {
            if (key == "dtype" && type is null)
            {
                Expect(ref reader, JsonTokenType.String, name);
                type = reader.GetString();
            }
            else if (key == "shape" && shape is null)
                shape = ReadNumbers(ref reader, name, most: Shape.MaxRank);
            else if (key == "data_offsets" && offsets is null)
                offsets = ReadNumbers(ref reader, name, most: 2);
            else
                throw CheckpointException.BadHeader(file, $"tensor {CheckpointException.Quote(name)} has the key {CheckpointException.Quote(key)} twice, or it is not known.");
        }
        if (type is null || shape is null || offsets is not { Length: 2 })
            throw CheckpointException.BadHeader(file, $"tensor {CheckpointException.Quote(name)} lacks one of dtype, shape and two data_offsets.");
        Entries.Add(new SafetensorsEntry(name, type, new Shape(shape), offsets[0], offsets[1]));
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name, int most)
    {
        var numbers = new List<long>(most);
        Expect(ref reader, JsonTokenType.StartArray, name);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw CheckpointException.BadHeader(file, $"tensor {CheckpointException.Quote(name)} has a length or an offset that is not a number from 0 to 2^63 - 1.");
            if (numbers.Count == most)
                throw CheckpointException.TooManyAxes(file, name);
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private void CheckPlaces(long dataLength)
    {
        long end = 0;
        string before = "";
        foreach (var entry in Entries)
            entry.Check(file, dataLength);
        foreach (var entry in Entries.OrderBy(e => e.Start).ThenBy(e => e.End))
        {
            if (entry.Start < end)
                throw CheckpointException.Overlap(file, before, entry.Name);
            if (entry.Start > end)
                throw CheckpointException.Gap(file, end, entry.Start);
            (end, before) = (entry.End, entry.Name);
        }
        if (end != dataLength)
            throw CheckpointException.Gap(file, end, dataLength);
    }

    private static string? NextKey(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private void Expect(ref Utf8JsonReader reader, JsonTokenType token, string where)
    {
        if (!reader.Read() || reader.TokenType != token)
            throw CheckpointException.BadHeader(file, $"{CheckpointException.Quote(where)} is not described as the format says.");
    }
}
