using Cria.Tensors.Quantization;

namespace Cria.Tensors;

/// <summary>How the numbers of a tensor are stored. The list below is the catalogue: one line registers a format.</summary>
public sealed class DataType
{
    /// <summary>IEEE single precision: activations, trained tensors and their optimizer state.</summary>
    public static DataType F32 { get; } = new("f32", new BlockFormat<Floats<F32>>());

    /// <summary>IEEE half precision.</summary>
    public static DataType F16 { get; } = new("f16", new BlockFormat<Floats<F16>>());

    /// <summary>bfloat16: a float's upper half.</summary>
    public static DataType BF16 { get; } = new("bf16", new BlockFormat<Floats<BF16>>());

    /// <summary>GGUF's q8_0: blocks of 32 signed bytes with a half-precision scale.</summary>
    public static DataType Q8 { get; } = new("q8_0", new BlockFormat<Q8>(new SideBySide<Q8Rows>()));

    /// <summary>GGUF's q4_0: blocks of 32 nibbles with a half-precision scale.</summary>
    public static DataType Q4 { get; } = new("q4_0", new BlockFormat<Q4>(new SideBySide<Q4Rows>()));

    /// <summary>GGUF's q4_1: blocks of 32 nibbles with a scale and a minimum.</summary>
    public static DataType Q41 { get; } = new("q4_1", new BlockFormat<SmallBlocks<Q41>>());

    /// <summary>GGUF's q5_0: blocks of 32 numbers of 5 bits with a scale.</summary>
    public static DataType Q50 { get; } = new("q5_0", new BlockFormat<SmallBlocks<Q50>>());

    /// <summary>GGUF's q5_1: blocks of 32 numbers of 5 bits with a scale and a minimum.</summary>
    public static DataType Q51 { get; } = new("q5_1", new BlockFormat<SmallBlocks<Q51>>());

    /// <summary>GGUF's q2_k: blocks of 256 numbers of 2 bits, a scale and a minimum of 4 bits for each 16.</summary>
    public static DataType Q2K { get; } = new("q2_k", new BlockFormat<SuperBlocks<Q2K>>());

    /// <summary>GGUF's q3_k: blocks of 256 numbers of 3 bits, a scale of 6 bits for each 16.</summary>
    public static DataType Q3K { get; } = new("q3_k", new BlockFormat<SuperBlocks<Q3K>>());

    /// <summary>GGUF's q4_k: blocks of 256 nibbles, a scale and a minimum of 6 bits for each 32.</summary>
    public static DataType Q4K { get; } = new("q4_k", new BlockFormat<SuperBlocks<Q4K>>(new SideBySide<Q4KRows>()));

    /// <summary>GGUF's q5_k: blocks of 256 numbers of 5 bits, a scale and a minimum of 6 bits for each 32.</summary>
    public static DataType Q5K { get; } = new("q5_k", new BlockFormat<SuperBlocks<Q5K>>());

    /// <summary>GGUF's q6_k: blocks of 256 numbers of 6 bits, a scale of 8 bits for each 16.</summary>
    public static DataType Q6K { get; } = new("q6_k", new BlockFormat<SuperBlocks<Q6K>>(new SideBySide<Q6KRows>()));

    /// <summary>GGUF's iq4_nl: blocks of 32 codes of 4 bits from a book that is dense in the middle, with a scale.</summary>
    public static DataType IQ4NL { get; } = new("iq4_nl", new BlockFormat<SmallBlocks<IQ4NL>>());

    /// <summary>4-bit NormalFloat of QLoRA: blocks of 64 codes with a float scale.</summary>
    public static DataType NF4 { get; } = new("nf4", new BlockFormat<FourBits<NormalFloat>>());

    /// <summary>4-bit NormalFloat with double quantisation: the scales take one byte for each block.</summary>
    public static DataType NF4DQ { get; } = new("nf4-dq", new NF4DQFormat());

    /// <summary>The 4-bit floats of bitsandbytes: blocks of 64 codes with a float scale.</summary>
    public static DataType FP4 { get; } = new("fp4", new BlockFormat<FourBits<SmallFloat>>());

    /// <summary>8-bit floats (e4m3) with a scale for each row: how a card of compute capability 9.0 multiplies a frozen base fastest. Not in <see cref="All"/>: no file holds it, and only a card computes with it.</summary>
    public static DataType FP8 { get; } = new("fp8", new RowFloat8());

    /// <summary>Means of an optimizer in 8 bits; not in <see cref="All"/>, since no weight is stored so.</summary>
    public static DataType Dynamic8 { get; } = new("dynamic8", new BlockFormat<Dynamic8<SignedMap>>());

    /// <summary>Means of squares of an optimizer in 8 bits.</summary>
    public static DataType Dynamic8Unsigned { get; } = new("dynamic8-unsigned", new BlockFormat<Dynamic8<UnsignedMap>>());

    /// <summary>Every type, in the order in which help texts name them.</summary>
    public static IReadOnlyList<DataType> All { get; } =
    [
        F32, F16, BF16, Q8, Q4, Q41, Q50, Q51, Q2K, Q3K, Q4K, Q5K, Q6K, IQ4NL, NF4, NF4DQ, FP4,
    ];

    private DataType(string name, BlockFormat format) => (Name, Format) = (name, format);

    /// <summary>The name that recipes and messages use, such as <c>q8_0</c>.</summary>
    public string Name { get; }

    internal BlockFormat Format { get; }

    /// <summary>How many consecutive numbers share a block; a row's length must be a multiple of it (except where the last block may be short).</summary>
    public int BlockLength => Format.BlockLength;

    /// <summary>Whether the numbers are plain floats, one after another.</summary>
    public bool IsFloat => Format.BlockLength == 1;

    /// <summary>The types that a frozen base can be brought to: <see cref="All"/>, and those for cards alone.</summary>
    public static IReadOnlyList<DataType> OfBases { get; } = [.. All, FP8];

    /// <summary>The bytes that <paramref name="elements"/> numbers take.</summary>
    public long Bytes(long elements) => Format.Bytes(elements);

    /// <summary>The bytes that a tensor of that shape takes, with what each of its rows has besides.</summary>
    public long Bytes(Shape shape) => Format.Bytes(shape.Length) + BytesOfRows(shape);

    /// <summary>Of the bytes that a tensor of that shape takes, those that a product with it reads: what is kept a second time, for products the other way, does not count.</summary>
    public long BytesRead(Shape shape) => Format.BytesRead(shape.Length) + BytesOfRows(shape);

    /// <summary>The type of that name, or null.</summary>
    public static DataType? Parse(string name) =>
        OfBases.FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public override string ToString() => Name;

    private long BytesOfRows(Shape shape) => Format.BytesOfRow > 0 ? (long)Format.BytesOfRow * shape.Rows : 0;
}
