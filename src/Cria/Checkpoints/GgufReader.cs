using System.Buffers.Binary;
using System.Text;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>Reads a mapped GGUF file from front to back. Whatever would lie behind its end is an error before anything is allocated.</summary>
internal sealed class GgufReader(string file, Storage bytes)
{
    // A list may hold lists; no file in use goes deeper than one, and a damaged one must not exhaust the stack.
    private const int MaxDepth = 4;

    public long Position { get; set; }

    public long Remaining => bytes.Length - Position;

    public byte U8(string what) => Take(1, what)[0];

    public ushort U16(string what) => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, what));

    public uint U32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong U64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>The number of things that follow, each of which takes at least <paramref name="size"/> bytes.</summary>
    public int Count(string what, int size)
    {
        long start = Position;
        ulong count = U64(what);
        return count <= (ulong)Math.Min(Remaining / size, int.MaxValue)
            ? (int)count
            : throw CheckpointException.GgufCount(file, start, what, count, Remaining);
    }

    public byte[] Bytes(int count, string what) => Take(count, what).ToArray();

    /// <summary>A text; bytes that are not UTF-8 become U+FFFD.</summary>
    public string Text(string what) => Encoding.UTF8.GetString(Take(Count(what, 1), what));

    public double Number(GgufValueType type, string what) => type switch
    {
        GgufValueType.F32 => BitConverter.UInt32BitsToSingle(U32(what)),
        GgufValueType.F64 => BitConverter.UInt64BitsToDouble(U64(what)),
        _ => Integer(type, what),
    };

    public long Integer(GgufValueType type, string what) => type switch
    {
        GgufValueType.I8 => (sbyte)U8(what),
        GgufValueType.U16 => U16(what),
        GgufValueType.I16 => (short)U16(what),
        GgufValueType.U32 => U32(what),
        GgufValueType.I32 => (int)U32(what),
        GgufValueType.U64 => Length(what),
        GgufValueType.I64 => (long)U64(what),
        _ => U8(what),
    };

    /// <summary>An unsigned number that must fit a signed one.</summary>
    public long Length(string what) => U64(what) is <= long.MaxValue and var number ? (long)number : throw CheckpointException.GgufTooLarge(file, what);

    /// <summary>Another reader of the same file.</summary>
    public GgufReader At(long position) => new(file, bytes) { Position = position };

    /// <summary>Goes past a value and says what it was.</summary>
    public GgufValue Skip(GgufValueType type, string what, int depth = 0)
    {
        if (type != GgufValueType.Array)
        {
            long start = Position;
            SkipOne(type, what);
            return new GgufValue(type, type, 1, start);
        }
        if (depth == MaxDepth)
            throw CheckpointException.GgufDepth(file, what);
        var element = (GgufValueType)U32(what);
        int count = Count(what, SmallestSize(element, what));
        var value = new GgufValue(type, element, count, Position);
        if (element is GgufValueType.Text or GgufValueType.Array)
        {
            for (int i = 0; i < count; i++)
                Skip(element, what, depth + 1);
        }
        else
            Position += (long)count * SmallestSize(element, what);      // Count has seen that they are there
        return value;
    }

    private void SkipOne(GgufValueType type, string what) =>
        Take(type == GgufValueType.Text ? Count(what, 1) : SmallestSize(type, what), what);

    /// <summary>The bytes of a value; the fewest that it can have where lengths differ.</summary>
    private int SmallestSize(GgufValueType type, string what) => type switch
    {
        GgufValueType.U8 or GgufValueType.I8 or GgufValueType.Flag => 1,
        GgufValueType.U16 or GgufValueType.I16 => 2,
        GgufValueType.U32 or GgufValueType.I32 or GgufValueType.F32 => 4,
        GgufValueType.U64 or GgufValueType.I64 or GgufValueType.F64 or GgufValueType.Text => 8,
        GgufValueType.Array => 12,
        _ => throw CheckpointException.GgufValueType(file, what, (uint)type),
    };

    private ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count > Remaining)
            throw CheckpointException.GgufEnds(file, Position, what);
        Position += count;
        return bytes.Bytes(Position - count, count);
    }
}
