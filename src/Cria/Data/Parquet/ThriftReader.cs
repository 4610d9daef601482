using System.Text;

namespace Cria.Data.Parquet;

/// <summary>Thrift's compact protocol, as far as Parquet's own structures need it. Every length is held against the bytes that are there.</summary>
/// <remarks><see href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md"/>.</remarks>
internal ref struct ThriftReader(ReadOnlySpan<byte> bytes)
{
    private const int DeepestStructure = 16;
    private const byte True = 1, False = 2, Byte = 3, Double = 7, Binary = 8, List = 9, Set = 10, Map = 11, Structure = 12;

    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>How many bytes were read.</summary>
    public int Position { get; private set; }

    /// <summary>Goes to the next field of a structure; false at its end.</summary>
    /// <param name="id">The field before, and then this one; 0 at the beginning.</param>
    /// <param name="type">Its type.</param>
    public bool Field(ref int id, out byte type)
    {
        byte head = Next();
        type = (byte)(head & 15);
        if (head == 0)
            return false;
        id = head >> 4 is > 0 and var step ? id + step : (int)Number();
        return true;
    }

    /// <summary>A whole number of any width.</summary>
    public long Number() => Bits.Signed(Unsigned());

    /// <summary>A whole number from 0 to the largest of 32 bits.</summary>
    public int Count() => Number() is >= 0 and <= int.MaxValue and var number ? (int)number : throw new InvalidDataException("a count is impossible");

    public string Text() => Encoding.UTF8.GetString(Take(Length()));

    /// <summary>The number of elements of a list.</summary>
    public int ListLength()
    {
        byte head = Next();
        int length = head >> 4 is < 15 and var few ? few : Length();
        return length <= bytes.Length - Position ? length : throw new InvalidDataException("a list is longer than the file");
    }

    /// <summary>The value of a field that is a truth: its type says it.</summary>
    public static bool Truth(byte type) => type == True;

    /// <summary>Passes over a value.</summary>
    public void Skip(byte type, int depth = 0)
    {
        if (depth > DeepestStructure)
            throw new InvalidDataException("structures are nested too deep");
        switch (type)
        {
            case True or False:
                break;
            case Byte:
                Take(1);
                break;
            case Double:
                Take(8);
                break;
            case Binary:
                Take(Length());
                break;
            case List or Set:
                SkipList(depth);
                break;
            case Map:
                SkipMap(depth);
                break;
            case Structure:
                for (int id = 0; Field(ref id, out byte inner);)
                    Skip(inner, depth + 1);
                break;
            default:
                Unsigned();
                break;
        }
    }

    private void SkipList(int depth)
    {
        byte element = (byte)((Position < bytes.Length ? bytes[Position] : throw Cut()) & 15);
        for (int left = ListLength(); left > 0; left--)
            SkipElement(element, depth);
    }

    private void SkipMap(int depth)
    {
        int length = Length();
        if (length == 0)
            return;
        byte types = Next();
        for (; length > 0; length--)
        {
            SkipElement((byte)(types >> 4), depth);
            SkipElement((byte)(types & 15), depth);
        }
    }

    // Within a list a truth takes a byte of its own.
    private void SkipElement(byte type, int depth)
    {
        if (type is True or False)
            Take(1);
        else
            Skip(type, depth + 1);
    }

    private int Length() => Unsigned() is <= int.MaxValue and var length ? (int)length : throw new InvalidDataException("a length is impossible");

    private ulong Unsigned()
    {
        int position = Position;
        if (bytes[position..].IndexOfAnyInRange((byte)0, (byte)127) < 0)
            throw Cut();
        ulong value = Bits.Varint(bytes, ref position);
        Position = position;
        return value;
    }

    private byte Next() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - Position)
            throw Cut();
        Position += count;
        return bytes.Slice(Position - count, count);
    }

    private static EndOfStreamException Cut() => new("a structure goes on behind its end");
}
