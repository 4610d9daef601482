using Cria.Tensors.Quantization;

namespace Cria.Tensors;

/// <summary>A tensor of type nf4, nf4-dq or fp4 taken apart: codes and scales each for themselves, as files of bitsandbytes keep them.</summary>
/// <param name="Codes">One nibble for each number, that of an even one high.</param>
/// <param name="Scales">One for each <see cref="BlockLength"/> numbers; empty where they are nested.</param>
/// <param name="Nested">The scales of nf4-dq; null for the other types.</param>
public sealed record FourBitParts(Storage Codes, float[] Scales, NestedScales? Nested)
{
    /// <summary>How many numbers share a scale.</summary>
    public const int BlockLength = NF4DQ.Length;

    /// <summary>How many scales share a scale of their own.</summary>
    public const int GroupLength = NF4DQ.GroupBlocks;

    private const int CodeBytes = FourBitBlock<NormalFloat>.Size, PlainBytes = FourBits<NormalFloat>.Size;

    /// <summary>The 256 numbers that the codes of nested scales name.</summary>
    public static IReadOnlyList<float> NestedBook => DynamicMap.Codes;

    /// <summary>The sixteen numbers that the codes of such a type name, or null for another type.</summary>
    public static IReadOnlyList<float>? BookOf(DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type == DataType.FP4)
            return SmallFloat.Codes.ToArray();
        return type == DataType.NF4 || type == DataType.NF4DQ ? NormalFloat.Codes.ToArray() : null;
    }

    /// <summary>The parts of a tensor of one of these types, whose rows are whole blocks.</summary>
    public static FourBitParts Of(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        int blocks = BlocksOf(tensor.Shape);
        bool isNested = tensor.Type == DataType.NF4DQ;
        var codes = Storage.Allocate((long)blocks * CodeBytes);
        var scales = new float[isNested ? 0 : blocks];
        var nested = isNested ? ReadGroups(tensor.Storage, blocks) : null;
        for (int i = 0; i < blocks; i++)
        {
            var block = Block(tensor.Storage, isNested, i);
            CodesOf(block, isNested).CopyTo(codes.Bytes((long)i * CodeBytes, CodeBytes));
            if (nested is null)
                scales[i] = BitConverter.ToSingle(block[CodeBytes..]);
            else
                nested.Codes[i] = block[0];
        }
        return new FourBitParts(codes, scales, nested);
    }

    /// <summary>The tensor again.</summary>
    /// <param name="shape">The lengths of the axes: rows of whole blocks, as many numbers as there are codes.</param>
    /// <param name="type">nf4 or fp4; nf4-dq where the scales are nested.</param>
    /// <param name="device">Where it is computed with.</param>
    /// <exception cref="ShapeException">The parts do not belong to this shape.</exception>
    public Tensor Join(Shape shape, DataType type, Backend device)
    {
        ArgumentNullException.ThrowIfNull(type);
        int blocks = BlocksOf(shape);
        Expect.SameLength("Join", $"the bytes of the codes of {shape}", (long)blocks * CodeBytes, Codes.Length);
        Expect.SameLength("Join", $"the scales of {shape}", blocks, Nested?.Codes.Length ?? Scales.Length);
        var whole = Storage.Allocate(type.Bytes(shape.Length));
        for (int i = 0; i < blocks; i++)
        {
            var block = Block(whole, Nested is not null, i);
            Codes.Bytes((long)i * CodeBytes, CodeBytes).CopyTo(CodesOf(block, Nested is not null));
            if (Nested is null)
                BitConverter.TryWriteBytes(block[CodeBytes..], Scales[i]);
            else
                block[0] = Nested.Codes[i];
        }
        if (Nested is not null)
            WriteGroups(Nested, whole);
        return new Tensor(shape, type, device, whole);
    }

    private static int BlocksOf(Shape shape)
    {
        Expect.SameLength("FourBitParts", $"the rest of a row of {shape.Columns} in blocks of {BlockLength}", 0, shape.Columns % BlockLength);
        return checked((int)(shape.Length / BlockLength));
    }

    private static Span<byte> Block(Storage whole, bool isNested, long i) => isNested
        ? whole.Bytes(i / GroupLength * NF4DQ.GroupSize + NF4DQ.Header + i % GroupLength * NF4DQ.BlockSize, NF4DQ.BlockSize)
        : whole.Bytes(i * PlainBytes, PlainBytes);

    private static Span<byte> CodesOf(Span<byte> block, bool isNested) => isNested ? block[1..] : block[..CodeBytes];

    private static NestedScales ReadGroups(Storage whole, int blocks)
    {
        var largest = new float[(blocks + GroupLength - 1) / GroupLength];
        float offset = 0;
        for (int group = 0; group < largest.Length; group++)
        {
            var header = whole.Bytes((long)group * NF4DQ.GroupSize, NF4DQ.Header);
            (largest[group], offset) = (BitConverter.ToSingle(header), BitConverter.ToSingle(header[NF4DQ.Offset..]));
        }
        return new NestedScales(new byte[blocks], largest, offset);
    }

    private static void WriteGroups(NestedScales nested, Storage whole)
    {
        for (int group = 0; group < nested.Largest.Length; group++)
        {
            var header = whole.Bytes((long)group * NF4DQ.GroupSize, NF4DQ.Header);
            BitConverter.TryWriteBytes(header, nested.Largest[group]);
            BitConverter.TryWriteBytes(header[NF4DQ.Offset..], nested.Offset);
        }
    }
}

/// <summary>Scales in a byte each: scale i is book[code i] · largest of its group + offset.</summary>
/// <param name="Codes">One for each block.</param>
/// <param name="Largest">One for each <see cref="FourBitParts.GroupLength"/> blocks.</param>
/// <param name="Offset">The mean of all scales.</param>
public sealed record NestedScales(byte[] Codes, float[] Largest, float Offset);
