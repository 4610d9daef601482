namespace Cria.Tensors;

/// <summary>Products of few rows that wait for what comes next: one launch does the norm before them, up to three over the same rows, and what stands behind.</summary>
/// <remarks>Holds addresses, not tensors: a tensor may be given back meanwhile, and whoever takes its memory launches later.</remarks>
internal sealed class FewProducts
{
    public const int Most = 3;

    private readonly List<FewProduct> products = new(Most);

    /// <summary>What the products take for x, where it is still to be computed.</summary>
    public FewNorm? Norm { get; private set; }

    public IReadOnlyList<FewProduct> Products => products;

    /// <summary>The storage type of the weights.</summary>
    public DataType Type { get; private set; } = DataType.BF16;

    public nint X { get; private set; }

    public int Rows { get; private set; }

    public int Columns { get; private set; }

    public bool IsEmpty => Norm is null && products.Count == 0;

    public void Add(FewNorm norm) => (Norm, X, Rows, Columns) = (norm, norm.Y, norm.Rows, norm.Columns);

    public void Add(FewProduct product, DataType type, nint x, int rows, int columns)
    {
        (Type, X, Rows, Columns) = (type, x, rows, columns);
        products.Add(product);
    }

    /// <summary>Whether a product with this x and this result can be computed in the same launch.</summary>
    public bool Takes(DataType type, nint x, int rows, int columns, nint y) =>
        !IsEmpty && products.Count < Most && x == X && rows == Rows && columns == Columns && (products.Count == 0 || type == Type) && !Touches(y);

    /// <summary>Whether what waits will read or write at an address. Nobody else may write there in the same launch: blocks have no order.</summary>
    public bool Touches(nint address)
    {
        if (address == X || Norm is { } norm && (address == norm.X || address == norm.R))
            return true;
        foreach (var product in products)
        {
            if (address == product.Y)
                return true;
        }
        return false;
    }

    public void Clear()
    {
        Norm = null;
        X = 0;
        products.Clear();
    }
}

/// <summary>y (rows, columns) = the norm of x.</summary>
internal readonly record struct FewNorm(nint X, nint Weight, float Epsilon, nint Y, nint R, int Rows, int Columns);

/// <summary>y (rows, outputs) = x Wᵀ.</summary>
internal readonly record struct FewProduct(nint Weight, long Blocks, nint Y, int Outputs);

/// <summary>What a launch of products ends with: gated = silu(first) · second, or sum = residual + product, or product added to what is there.</summary>
internal readonly record struct FewEnding(nint Gated = 0, nint Residual = 0, nint Sum = 0, int Adds = 0);
