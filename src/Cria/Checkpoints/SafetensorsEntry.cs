using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>One line of a safetensors header.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">The type as the file spells it: <c>F32</c>.</param>
/// <param name="Shape">The lengths of the axes.</param>
/// <param name="Start">The first byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last.</param>
internal sealed record SafetensorsEntry(string Name, string Type, Shape Shape, long Start, long End)
{
    /// <summary>The type to compute with, or null. The format has no blocks: a <c>Q8_0</c> here would be a lie.</summary>
    public DataType? DataType => Type is "F32" or "F16" or "BF16" ? DataType.Parse(Type) : null;

    /// <summary>The bytes of one number, or null for a type that is not known.</summary>
    public static int? SizeOf(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 1,
        "I16" or "U16" or "F16" or "BF16" => 2,
        "I32" or "U32" or "F32" => 4,
        "I64" or "U64" or "F64" or "C64" => 8,
        _ => null,
    };

    /// <summary>Throws unless the place is inside of the file and has room for exactly these numbers.</summary>
    public void Check(string file, long dataLength)
    {
        if (Start < 0 || End < Start || End > dataLength)
            throw CheckpointException.OutsideFile(file, Name, Start, (ulong)End, dataLength);
        if (SizeOf(Type) is not { } size)
            return;                         // a type from the future: it is listed, and only an attempt to read it fails
        long expected;
        try
        {
            expected = checked(Shape.Length * size);
        }
        catch (OverflowException)
        {
            throw CheckpointException.TooLarge(file, Name, Shape.ToString());
        }
        if (End - Start != expected)
            throw CheckpointException.WrongLength(file, Name, Type, Shape, expected, End - Start);
    }
}
