using System.Numerics;

namespace Cria.Tensors;

/// <summary>One matrix product as cuBLASLt sees it, by columns: D (m, n) = α · op(A) op(B) + β · D, op turning a matrix where wanted.</summary>
/// <remarks>A row-major matrix (rows, columns) is by columns its turned self, (columns, rows).</remarks>
/// <param name="Type">Of the numbers of A and B.</param>
/// <param name="ResultType">Of the numbers of D.</param>
/// <param name="M">Rows of D.</param>
/// <param name="N">Columns of D.</param>
/// <param name="K">The length of each sum.</param>
/// <param name="TurnA">Whether A lies as (k, m).</param>
/// <param name="TurnB">Whether B lies as (n, k).</param>
internal readonly record struct MatrixProduct(DataType Type, DataType ResultType, int M, int N, int K, bool TurnA, bool TurnB)
{
    /// <summary>The largest power of two, up to 256, that divides the three addresses.</summary>
    public int Alignment { get; init; } = 256;

    public MatrixProduct At(nint a, nint b, nint d) => this with { Alignment = 1 << Math.Min(8, BitOperations.TrailingZeroCount(a | b | d)) };

    public override string ToString() => $"({M}, {K}) · ({K}, {N}) of {Type} to {ResultType}";
}
