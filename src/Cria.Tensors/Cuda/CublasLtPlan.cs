using Cria.Tensors.Native;

namespace Cria.Tensors;

/// <summary>A product described to cuBLASLt, and how it will compute it. The numbers below are those of <c>cublasLt.h</c> and <c>library_types.h</c>.</summary>
internal sealed unsafe record CublasLtPlan(nint Product, nint A, nint B, nint D, CublasLtChoice Choice)
{
    public const int PreferWorkspace = 1;

    private const int SumsInF32 = 68, TurnA = 3, TurnB = 4, TypeF32 = 0, TypeF16 = 2, TypeBF16 = 14;

    public static ReadOnlySpan<int> PreferAlignments => [5, 6, 7, 8];

    public static CublasLtPlan Describe(CublasLtFunctions functions, MatrixProduct product, Action<int, string> check)
    {
        nint description = 0;
        check(functions.ProductCreate(&description, SumsInF32, TypeF32), "cublasLtMatmulDescCreate");
        int turnA = product.TurnA ? 1 : 0, turnB = product.TurnB ? 1 : 0;
        check(functions.ProductSet(description, TurnA, &turnA, sizeof(int)), "cublasLtMatmulDescSetAttribute");
        check(functions.ProductSet(description, TurnB, &turnB, sizeof(int)), "cublasLtMatmulDescSetAttribute");
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

    public void Dispose(CublasLtFunctions functions)
    {
        foreach (nint layout in new[] { A, B, D })
            _ = functions.LayoutDestroy(layout);
        _ = functions.ProductDestroy(Product);
    }

    private static int Code(DataType type) =>
        type == DataType.F32 ? TypeF32 : type == DataType.BF16 ? TypeBF16 : type == DataType.F16 ? TypeF16 : throw ShapeException.Type("CublasLt", DataType.F32, type);
}
