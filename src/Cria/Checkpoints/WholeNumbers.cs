using System.Buffers.Binary;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>Tensors of token ids, indices and flags: read as numbers, never computed with.</summary>
internal static class WholeNumbers
{
    public static long[] Read(TensorInfo info, Storage bytes)
    {
        int size = info.TypeName switch
        {
            "bool" or "u8" or "i8" => 1,
            "i16" or "u16" => 2,
            "i32" or "u32" => 4,
            "i64" => 8,
            _ => throw CheckpointException.NotWholeNumbers(info),
        };
        var numbers = new long[bytes.Length / size];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = One(info.TypeName, bytes.Bytes((long)i * size, size));
        return numbers;
    }

    private static long One(string type, ReadOnlySpan<byte> bytes) => type switch
    {
        "i8" => (sbyte)bytes[0],
        "i16" => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        "u16" => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        "i32" => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        "u32" => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        "i64" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        _ => bytes[0],
    };
}
