using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Cria.Data.Parquet;

/// <summary>The values of a page, one after another.</summary>
internal abstract class ParquetValues
{
    /// <summary>Passes over the next value, and writes it unless there is nothing to write to.</summary>
    public abstract void Next(Utf8JsonWriter? json);

    /// <summary>The values of a page.</summary>
    /// <param name="column">The column, which is a leaf.</param>
    /// <param name="encoding">How they are written.</param>
    /// <param name="bytes">The page behind its levels.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="dictionary">The column's dictionary, where it has one.</param>
    public static ParquetValues Of(ParquetNode column, int encoding, ReadOnlyMemory<byte> bytes, int count, PlainValues? dictionary) => (encoding, column.Type) switch
    {
        (ValueEncoding.Plain, ParquetType.Boolean) => new TruthValues(bytes, isPacked: true),
        (ValueEncoding.Hybrid, ParquetType.Boolean) => new TruthValues(bytes, isPacked: false),
        (ValueEncoding.Plain, _) => new PlainValues(column, bytes),
        (ValueEncoding.Dictionary or ValueEncoding.OldDictionary, _) => new DictionaryValues(bytes, dictionary ?? throw new InvalidDataException("a page refers to a dictionary that is not there")),
        (ValueEncoding.DeltaNumbers, ParquetType.Int32 or ParquetType.Int64) => new DeltaValues(bytes),
        (ValueEncoding.DeltaLengths, ParquetType.Bytes) => new DeltaTexts(bytes, count, withPrefixes: false),
        (ValueEncoding.DeltaBytes, ParquetType.Bytes) => new DeltaTexts(bytes, count, withPrefixes: true),
        (ValueEncoding.SplitBytes, ParquetType.Int32 or ParquetType.Float) => new PlainValues(column, Joined(bytes.Span, 4)),
        (ValueEncoding.SplitBytes, ParquetType.Int64 or ParquetType.Double) => new PlainValues(column, Joined(bytes.Span, 8)),
        _ => throw new InvalidDataException($"values of {column.Type} are written in a way (number {encoding}) that is not read"),
    };

    // The first bytes of all values stand together, then the second ones, and so on (BYTE_STREAM_SPLIT).
    private static byte[] Joined(ReadOnlySpan<byte> split, int width)
    {
        int count = split.Length / width;
        byte[] joined = new byte[count * width];
        for (int i = 0; i < joined.Length; i++)
            joined[i] = split[i % width * count + i / width];
        return joined;
    }

    /// <summary>Writes a text, or null where the bytes are none.</summary>
    protected static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            json.WriteStringValue(bytes);
        else
            json.WriteNullValue();
    }
}

/// <summary>Values as they are, one behind the other.</summary>
/// <param name="column">The column.</param>
/// <param name="bytes">A page.</param>
/// <param name="count">Of a dictionary, how many values it has.</param>
internal sealed class PlainValues(ParquetNode column, ReadOnlyMemory<byte> bytes, int count = 0) : ParquetValues
{
    private int position;
    private int[]? places;

    public override void Next(Utf8JsonWriter? json) => position = Write(position, json);

    /// <summary>The value at a place of a dictionary.</summary>
    public void At(int place, Utf8JsonWriter? json) => Write((places ??= Places())[place], json);

    private int[] Places()
    {
        // No value but a truth has less than one byte, and a text has four for its length.
        int[] starts = new int[count <= bytes.Length ? count : throw new InvalidDataException($"a dictionary of {count} values has {bytes.Length} bytes")];
        for (int i = 0, start = 0; i < count; i++)
        {
            starts[i] = start;
            start = Write(start, null);
        }
        return starts;
    }

    // Dates, decimals and the like come as the numbers they are stored as; what is neither number nor text, as null.
    private int Write(int start, Utf8JsonWriter? json)
    {
        var value = bytes.Span[start..];
        switch (column.Type)
        {
            case ParquetType.Int32:
                json?.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(value));
                return start + Whole(value, 4);
            case ParquetType.Int64:
                json?.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(value));
                return start + Whole(value, 8);
            case ParquetType.Float:
                Number(json, BinaryPrimitives.ReadSingleLittleEndian(value));
                return start + 4;
            case ParquetType.Double:
                Number(json, BinaryPrimitives.ReadDoubleLittleEndian(value));
                return start + 8;
            case ParquetType.Bytes:
                int length = BinaryPrimitives.ReadInt32LittleEndian(value);
                if (json is not null)
                    Text(json, value.Slice(4, length));
                return start + 4 + Whole(value[4..], length);
            default:
                json?.WriteNullValue();
                return start + Whole(value, column.Type == ParquetType.Int96 ? 12 : column.Width);
        }
    }

    private static void Number(Utf8JsonWriter? json, double number)
    {
        if (double.IsFinite(number))
            json?.WriteNumberValue(number);
        else
            json?.WriteNullValue();
    }

    private static int Whole(ReadOnlySpan<byte> value, int length) =>
        length >= 0 && length <= value.Length ? length : throw new InvalidDataException($"a value of {length} bytes goes on behind its page");
}

/// <summary>Places in a dictionary.</summary>
internal sealed class DictionaryValues(ReadOnlyMemory<byte> bytes, PlainValues dictionary) : ParquetValues
{
    private readonly HybridNumbers places = bytes.IsEmpty ? new(bytes, 0) : new(bytes[1..], bytes.Span[0]);

    public override void Next(Utf8JsonWriter? json) => dictionary.At(places.Next(), json);
}

/// <summary>True and false.</summary>
internal sealed class TruthValues(ReadOnlyMemory<byte> bytes, bool isPacked) : ParquetValues
{
    private readonly HybridNumbers? runs = isPacked ? null : new(bytes[4..], 1);
    private int place;

    public override void Next(Utf8JsonWriter? json)
    {
        bool truth = runs is not null ? runs.Next() != 0 : (bytes.Span[place / 8] >> place % 8 & 1) == 1;
        place++;
        json?.WriteBooleanValue(truth);
    }
}

/// <summary>Whole numbers by their differences.</summary>
internal sealed class DeltaValues(ReadOnlyMemory<byte> bytes) : ParquetValues
{
    private readonly DeltaNumbers numbers = new(bytes);

    public override void Next(Utf8JsonWriter? json)
    {
        long number = numbers.Next();
        json?.WriteNumberValue(number);
    }
}

/// <summary>Texts whose lengths stand before them; each may begin like the one before it.</summary>
/// <remarks>Encodings page of Parquet, DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY.</remarks>
internal sealed class DeltaTexts : ParquetValues
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly int[]? prefixes;
    private readonly int[] lengths;
    private byte[] text = [];
    private int value, position, before;

    public DeltaTexts(ReadOnlyMemory<byte> page, int count, bool withPrefixes)
    {
        int end = 0;
        prefixes = withPrefixes ? new DeltaNumbers(page).Lengths(count, out end) : null;
        lengths = new DeltaNumbers(page[end..]).Lengths(count, out int behind);
        bytes = page[(end + behind)..];
    }

    public override void Next(Utf8JsonWriter? json)
    {
        var own = bytes.Span.Slice(position, lengths[value]);
        int kept = prefixes?[value] ?? 0, length = checked(kept + own.Length);
        if (kept > before)
            throw new InvalidDataException($"a text begins with {kept} bytes of one that has {before}");
        if (length > text.Length)
            Array.Resize(ref text, Math.Max(length, 2 * text.Length));
        own.CopyTo(text.AsSpan(kept));
        (before, position, value) = (length, position + own.Length, value + 1);
        if (json is not null)
            Text(json, text.AsSpan(0, length));
    }
}
