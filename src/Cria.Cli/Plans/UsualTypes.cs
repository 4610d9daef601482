using Cria.Tensors;

namespace Cria.Cli.Plans;

/// <summary>The storage types that a table has columns for; JSON has all of them, and <c>--type</c> chooses others.</summary>
internal static class UsualTypes
{
    public static IReadOnlyList<DataType> All { get; } = [DataType.F32, DataType.BF16, DataType.Q8, DataType.Q4, DataType.NF4, DataType.NF4DQ];
}
