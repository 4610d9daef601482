using Cria.Tensors.Quantization;

namespace Cria.Tensors;

/// <summary>How the numbers of a tensor are stored. The list below is the catalogue: one line registers a format.</summary>
public sealed class DataType
{
    /// <summary>IEEE single precision: activations, trained tensors and their optimizer state.</summary>
    public static DataType F32 { get; } = new("f32", new F32Format());

    /// <summary>Every type, in the order in which help texts name them.</summary>
    public static IReadOnlyList<DataType> All { get; } = [F32];

    private DataType(string name, BlockFormat format) => (Name, Format) = (name, format);

    /// <summary>The name that recipes and messages use, such as <c>q8_0</c>.</summary>
    public string Name { get; }

    internal BlockFormat Format { get; }

    /// <summary>How many consecutive numbers share a block; a row's length must be a multiple of it (except where the last block may be short).</summary>
    public int BlockLength => Format.BlockLength;

    /// <summary>Whether the numbers are plain floats, one after another.</summary>
    public bool IsFloat => Format.BlockLength == 1;

    /// <summary>The bytes that <paramref name="elements"/> numbers take.</summary>
    public long Bytes(long elements) => Format.Bytes(elements);

    /// <summary>The type of that name, or null.</summary>
    public static DataType? Parse(string name) =>
        All.FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
