using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>Which weights an adapter is folded into.</summary>
public enum MergeTarget
{
    /// <summary>The quantised ones that it was trained over, as floats.</summary>
    Dequantized,

    /// <summary>Those from before they were quantised.</summary>
    Original,
}

/// <summary>How adapters are folded into a model's files.</summary>
public sealed record MergeOptions
{
    /// <summary>The adapters, in the order in which they are attached, each with a factor on what it adds.</summary>
    public IReadOnlyList<(string Path, float Scale)> Adapters { get; set; } = [];

    /// <summary>Null: the dequantised weights where the model is quantised or <see cref="BaseType"/> is given, else the original ones.</summary>
    public MergeTarget? Onto { get; set; }

    /// <summary>The type that training brought the linear layers of the base to (<c>base.type</c> of its recipe); null where it kept what the files hold.</summary>
    public DataType? BaseType { get; set; }

    /// <summary>The text on which the cost is measured; null takes a page that ships inside.</summary>
    public string? Text { get; set; }

    /// <summary>How the result is written.</summary>
    public ConversionOptions Conversion { get; set; } = new();
}
