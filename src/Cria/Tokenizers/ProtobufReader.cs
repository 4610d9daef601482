using System.Buffers.Binary;
using System.Text;

namespace Cria.Tokenizers;

/// <summary>The fields of one Protocol Buffers message, one after another, out of bytes that may hold anything.</summary>
/// <remarks><see href="https://protobuf.dev/programming-guides/encoding/"/>. Sizes are checked against the bytes at hand before anything is made.</remarks>
internal ref struct ProtobufReader(string file, ReadOnlySpan<byte> message, int start = 0)
{
    private readonly ReadOnlySpan<byte> message = message;
    private int position;
    private ReadOnlySpan<byte> content;     // of the field: a length-delimited one, or the four or eight bytes of a number
    private int contentStart;
    private ulong number;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    private int Wire { get; set; }

    /// <summary>Goes to the next field; false at the end of the message.</summary>
    public bool Read()
    {
        if (position == message.Length)
            return false;
        ulong key = Varint();
        (Field, Wire) = ((int)Math.Min(key >> 3, int.MaxValue), (int)(key & 7));
        switch (Wire)
        {
            case 0: number = Varint(); break;
            case 1: Take(8); break;
            case 2: Take(Varint()); break;
            case 5: Take(4); break;
            default: throw Damaged("a field of wire type 0, 1, 2 or 5", $"wire type {Wire}");
        }
        return true;
    }

    public readonly int Int() => Wire == 0 ? unchecked((int)number) : throw Damaged("a whole number", $"wire type {Wire}");

    public readonly bool Bool() => Int() != 0;

    public readonly float Float() => Wire == 5 ? BinaryPrimitives.ReadSingleLittleEndian(content) : throw Damaged("a float", $"wire type {Wire}");

    public readonly ReadOnlySpan<byte> Bytes() => Wire == 2 ? content : throw Damaged("text or a message", $"wire type {Wire}");

    public readonly string Text() => Encoding.UTF8.GetString(Bytes());

    public readonly ProtobufReader Message() => new(file, Bytes(), contentStart);

    private readonly TokenizerException Damaged(string expected, string found) =>
        TokenizerException.Damaged(file, $"byte {start + position} (field {Field})", expected, found);

    private void Take(ulong length)
    {
        if (length > (ulong)(message.Length - position))
            throw Damaged($"at most {message.Length - position} bytes, which is all that is left", $"a field of {length} bytes");
        content = message.Slice(position, (int)length);
        contentStart = start + position;
        position += (int)length;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (position == message.Length)
                throw Damaged("more bytes of a number", "the end of the message");
            byte b = message[position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        throw Damaged("a number of at most 10 bytes", "a longer one");
    }
}
