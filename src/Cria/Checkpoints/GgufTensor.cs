using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>One line of a GGUF file's list of tensors.</summary>
/// <param name="Name">The name as the file has it: <c>blk.0.attn_q.weight</c>.</param>
/// <param name="TypeName">How the numbers are stored: <c>q8_0</c>; <c>type 99</c> where that is not known.</param>
/// <param name="Shape">The lengths of the axes, outermost first (the file lists them the other way round).</param>
/// <param name="Start">The first byte, counted from the start of the data.</param>
/// <param name="Length">The number of bytes; 0 for a type that is not known.</param>
public sealed record GgufTensor(string Name, string TypeName, Shape Shape, long Start, long Length)
{
    /// <summary>What the smallest possible line takes: the length of the name, the number of axes, the type, the offset.</summary>
    internal const int SmallestBytes = 8 + 4 + 4 + 8;

    internal static GgufTensor Read(string file, GgufReader reader, int alignment)
    {
        string name = reader.Text("a tensor's name");
        uint rank = reader.U32(name);
        if (rank > Shape.MaxRank)
            throw CheckpointException.TooManyAxes(file, name);
        Span<long> axes = stackalloc long[(int)rank];
        for (int i = axes.Length - 1; i >= 0; i--)
            axes[i] = reader.Length(name);
        var shape = new Shape(axes);

        uint code = reader.U32(name);
        long start = reader.Length(name);
        if (start % alignment != 0)
            throw CheckpointException.GgufUnaligned(file, name, start, alignment);
        return GgufTensorType.Of(code) is { } type
            ? new GgufTensor(name, type.Name, shape, start, BytesOf(file, name, shape, type))
            : new GgufTensor(name, $"type {code}", shape, start, 0);
    }

    private static long BytesOf(string file, string name, Shape shape, GgufTensorType type)
    {
        try
        {
            if (shape.Columns % type.Elements != 0)
                throw CheckpointException.GgufRow(file, name, shape, type.Name, type.Elements);
            _ = shape.Rows;
            return checked(shape.Length / type.Elements * type.Bytes);
        }
        catch (OverflowException)
        {
            throw CheckpointException.TooLarge(file, name, shape.ToString());
        }
    }
}
