using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cria.Tokenizers;

/// <summary>Writes the fields of a Protocol Buffers message.</summary>
/// <remarks><see href="https://protobuf.dev/programming-guides/encoding/"/></remarks>
internal sealed class ProtobufWriter
{
    private readonly ArrayBufferWriter<byte> message = new();

    public ReadOnlySpan<byte> Written => message.WrittenSpan;

    public void Int(int field, int value)
    {
        Varint((uint)field << 3);
        Varint((ulong)value);
    }

    public void Bool(int field, bool value) => Int(field, value ? 1 : 0);

    public void Float(int field, float value)
    {
        Varint((uint)field << 3 | 5);
        BinaryPrimitives.WriteSingleLittleEndian(message.GetSpan(4), value);
        message.Advance(4);
    }

    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Message(int field, Action<ProtobufWriter> write)
    {
        var inner = new ProtobufWriter();
        write(inner);
        Bytes(field, inner.Written);
    }

    private void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Varint((uint)field << 3 | 2);
        Varint((uint)bytes.Length);
        message.Write(bytes);
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            message.Write([(byte)(value | 0x80)]);
        message.Write([(byte)value]);
    }
}
