using Cria.Tensors;

namespace Cria.Cli.Plans;

/// <summary>The storage types that a table has columns for; JSON has all of them, and <c>--type</c> chooses others.</summary>
internal static class UsualTypes
{
    /// <summary>Of a named shape.</summary>
    public static IReadOnlyList<DataType> OfShapes { get; } = [DataType.BF16, DataType.Q8, DataType.Q4, DataType.NF4, DataType.NF4DQ];

    /// <summary>Of a model that is there, beside what it is stored in.</summary>
    public static IReadOnlyList<DataType> OfModels { get; } = [DataType.Q8, DataType.Q4, DataType.NF4, DataType.NF4DQ];

    /// <summary>Of a shape that is counted only.</summary>
    public static IReadOnlyList<DataType> Counted { get; } = [DataType.F32, .. OfShapes];
}
