using Cria.Tensors.Native;

namespace Cria.Tensors;

/// <summary>A product described to cuBLASLt, and how it will compute it. The numbers below are those of <c>cublasLt.h</c> and <c>library_types.h</c>.</summary>
internal sealed unsafe record CublasLtPlan(nint Product, nint A, nint B, nint D, CublasLtChoice Choice)
{
    public const int PreferWorkspace = 1;

    private const int SumsInF32 = 68, TurnA = 3, TurnB = 4, TypeF32 = 0, TypeF16 = 2, TypeBF16 = 14, TypeE4M3 = 28;
    private const int AScales = 17, BScales = 18, FastSums = 25, AScaleMode = 31, BScaleMode = 32, ScaleOfEachRow = 3;

    public static ReadOnlySpan<int> PreferAlignments => [5, 6, 7, 8];

    public static CublasLtPlan Describe(CublasLtFunctions functions, MatrixProduct product, Action<int, string> check)
    {
        nint description = 0;
        check(functions.ProductCreate(&description, SumsInF32, TypeF32), "cublasLtMatmulDescCreate");
        int turnA = product.TurnA ? 1 : 0, turnB = product.TurnB ? 1 : 0;
        check(functions.ProductSet(description, TurnA, &turnA, sizeof(int)), "cublasLtMatmulDescSetAttribute");
        check(functions.ProductSet(description, TurnB, &turnB, sizeof(int)), "cublasLtMatmulDescSetAttribute");
        if (product.Type == DataType.FP8)
            ScaleRows(functions, description, check);
        int type = Code(product.Type);
        var (m, n, k) = (product.M, product.N, product.K);
        return new CublasLtPlan(
            description,
            product.TurnA ? Layout(type, k, m) : Layout(type, m, k),
            product.TurnB ? Layout(type, n, k) : Layout(type, k, n),
            Layout(Code(product.ResultType), m, n),
            default);

        nint Layout(int code, int rows, int columns)
        {
            nint layout = 0;
            check(functions.LayoutCreate(&layout, code, (ulong)rows, (ulong)columns, rows), "cublasLtMatrixLayoutCreate");
            return layout;
        }
    }

    /// <summary>Where the scales of the rows of op(A) and of the columns of op(B) are: 8-bit floats have them.</summary>
    public void SetScales(CublasLtFunctions functions, nint a, nint b, Action<int, string> check)
    {
        check(functions.ProductSet(Product, AScales, &a, (nuint)sizeof(nint)), "cublasLtMatmulDescSetAttribute");
        check(functions.ProductSet(Product, BScales, &b, (nuint)sizeof(nint)), "cublasLtMatmulDescSetAttribute");
    }

    public void Dispose(CublasLtFunctions functions)
    {
        foreach (nint layout in new[] { A, B, D })
            _ = functions.LayoutDestroy(layout);
        _ = functions.ProductDestroy(Product);
    }

    // Sums of 8-bit floats without a detour: twice as fast, and exact enough for numbers of 4 bits.
    private static void ScaleRows(CublasLtFunctions functions, nint description, Action<int, string> check)
    {
        int mode = ScaleOfEachRow;
        sbyte fast = 1;
        check(functions.ProductSet(description, AScaleMode, &mode, sizeof(int)), "cublasLtMatmulDescSetAttribute");
        check(functions.ProductSet(description, BScaleMode, &mode, sizeof(int)), "cublasLtMatmulDescSetAttribute");
        check(functions.ProductSet(description, FastSums, &fast, sizeof(sbyte)), "cublasLtMatmulDescSetAttribute");
    }

    private static int Code(DataType type) =>
        type == DataType.FP8 ? TypeE4M3 : type == DataType.F32 ? TypeF32 : type == DataType.BF16 ? TypeBF16 : type == DataType.F16 ? TypeF16 : throw ShapeException.Type("CublasLt", DataType.F32, type);
}
