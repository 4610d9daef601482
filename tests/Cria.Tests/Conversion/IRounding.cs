using Cria.Tensors;

namespace Cria.Tests.Conversion;

/// <summary>What a program rounds on the way through a model, in place.</summary>
internal interface IRounding
{
    /// <summary>The row that a product takes beside a weight of that type.</summary>
    void Factor(double[] row, DataType weight);

    /// <summary>Queries, keys and values when attention reads them, and the shares of the values.</summary>
    void Attended(double[] row);
}

/// <summary>Nothing is rounded.</summary>
internal sealed class NoRounding : IRounding
{
    public void Factor(double[] row, DataType weight)
    {
    }

    public void Attended(double[] row)
    {
    }
}
