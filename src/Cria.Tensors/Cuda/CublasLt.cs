using Cria.Tensors.Native;

namespace Cria.Tensors;

/// <summary>Matrix products by cuBLASLt. For each shape its heuristics are asked once; sums are in single precision, never in tf32.</summary>
internal sealed unsafe class CublasLt : IDisposable
{
    private const long WorkspaceBytes = 64L << 20;

    private readonly CublasLtFunctions functions;
    private readonly CudaCard card;
    private readonly CudaPool pool;
    private readonly nint handle;
    private readonly Dictionary<MatrixProduct, CublasLtPlan> plans = [];
    private DeviceBlock? workspace;

    public CublasLt(CublasLtFunctions functions, CudaCard card, CudaPool pool)
    {
        (this.functions, this.card, this.pool) = (functions, card, pool);
        nint made = 0;
        Check(functions.Create(&made), "cublasLtCreate");
        handle = made;
    }

    /// <summary>Puts D = α · op(A) op(B) + β · D into a stream. 8-bit floats have a scale for each row of op(A) and each column of op(B).</summary>
    public void Multiply(MatrixProduct product, nint a, nint b, nint d, float alpha, float beta, CudaStream stream, nint aScales = 0, nint bScales = 0)
    {
        if (product.M == 0 || product.N == 0)
            return;
        product = product.At(a, b, d);
        if (!plans.TryGetValue(product, out var plan))
            plans[product] = plan = Plan(product, aScales, bScales);
        else if (product.Type == DataType.FP8)
            plan.SetScales(functions, aScales, bScales, Check);
        workspace ??= pool.Take(WorkspaceBytes);
        var algorithm = plan.Choice.Algorithm;
        Check(
            functions.Multiply(
                handle, plan.Product, &alpha, a, plan.A, b, plan.B, &beta, d, plan.D, d, plan.D, &algorithm,
                workspace.Pointer, plan.Choice.WorkspaceBytes, stream.Handle),
            "cublasLtMatmul");
    }

    public void Dispose()
    {
        foreach (var plan in plans.Values)
            plan.Dispose(functions);
        plans.Clear();
        if (workspace is not null)
            pool.Give(workspace);
        using var alone = CudaCard.EnterAlone();        // it waits for everything in the context
        _ = functions.Destroy(handle);
    }

    private CublasLtPlan Plan(MatrixProduct product, nint aScales, nint bScales)
    {
        var plan = CublasLtPlan.Describe(functions, product, Check);
        if (product.Type == DataType.FP8)
            plan.SetScales(functions, aScales, bScales, Check);
        nint preference = 0;
        Check(functions.PreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
        try
        {
            ulong bytes = WorkspaceBytes;
            Check(functions.PreferenceSet(preference, CublasLtPlan.PreferWorkspace, &bytes, sizeof(ulong)), "cublasLtMatmulPreferenceSetAttribute");
            uint alignment = (uint)product.Alignment;
            foreach (int attribute in CublasLtPlan.PreferAlignments)
                Check(functions.PreferenceSet(preference, attribute, &alignment, sizeof(uint)), "cublasLtMatmulPreferenceSetAttribute");
            CublasLtChoice choice;
            int found = 0;
            int status = functions.Choose(handle, plan.Product, plan.A, plan.B, plan.D, plan.D, preference, 1, &choice, &found);
            if (status != 0 || found == 0 || choice.State != 0)
                throw CudaException.NoProduct(card.Name, product.ToString());
            return plan with { Choice = choice };
        }
        catch
        {
            plan.Dispose(functions);
            throw;
        }
        finally
        {
            _ = functions.PreferenceDestroy(preference);
        }
    }

    private void Check(int status, string call)
    {
        if (status != 0)
            throw CudaException.Library(card.Name, call, status);
    }
}
