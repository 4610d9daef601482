using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors.Native;

/// <summary>The functions of cuBLASLt, as <c>cublasLt.h</c> declares them; each returns 0 or an error.</summary>
internal sealed unsafe class CublasLtFunctions(nint library)
{
    public readonly delegate* unmanaged<nuint> Version = (delegate* unmanaged<nuint>)NativeLibrary.GetExport(library, "cublasLtGetVersion");
    public readonly delegate* unmanaged<nint*, int> Create = (delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "cublasLtCreate");
    public readonly delegate* unmanaged<nint, int> Destroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cublasLtDestroy");
    public readonly delegate* unmanaged<nint*, int, int, int> ProductCreate = (delegate* unmanaged<nint*, int, int, int>)NativeLibrary.GetExport(library, "cublasLtMatmulDescCreate");
    public readonly delegate* unmanaged<nint, int, void*, nuint, int> ProductSet =
        (delegate* unmanaged<nint, int, void*, nuint, int>)NativeLibrary.GetExport(library, "cublasLtMatmulDescSetAttribute");
    public readonly delegate* unmanaged<nint, int> ProductDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cublasLtMatmulDescDestroy");
    public readonly delegate* unmanaged<nint*, int, ulong, ulong, long, int> LayoutCreate =
        (delegate* unmanaged<nint*, int, ulong, ulong, long, int>)NativeLibrary.GetExport(library, "cublasLtMatrixLayoutCreate");
    public readonly delegate* unmanaged<nint, int> LayoutDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cublasLtMatrixLayoutDestroy");
    public readonly delegate* unmanaged<nint*, int> PreferenceCreate = (delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "cublasLtMatmulPreferenceCreate");
    public readonly delegate* unmanaged<nint, int, void*, nuint, int> PreferenceSet =
        (delegate* unmanaged<nint, int, void*, nuint, int>)NativeLibrary.GetExport(library, "cublasLtMatmulPreferenceSetAttribute");
    public readonly delegate* unmanaged<nint, int> PreferenceDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cublasLtMatmulPreferenceDestroy");
    public readonly delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, CublasLtChoice*, int*, int> Choose =
        (delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, CublasLtChoice*, int*, int>)NativeLibrary.GetExport(library, "cublasLtMatmulAlgoGetHeuristic");
    public readonly delegate* unmanaged<nint, nint, void*, nint, nint, nint, nint, void*, nint, nint, nint, nint, CublasLtAlgorithm*, nint, nuint, nint, int> Multiply =
        (delegate* unmanaged<nint, nint, void*, nint, nint, nint, nint, void*, nint, nint, nint, nint, CublasLtAlgorithm*, nint, nuint, nint, int>)
        NativeLibrary.GetExport(library, "cublasLtMatmul");
}

/// <summary>How cuBLASLt computes a product: its own record, which only it can read.</summary>
[InlineArray(8)]
internal struct CublasLtAlgorithm
{
    private ulong first;
}

/// <summary>One proposal of its heuristics.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CublasLtChoice
{
    public CublasLtAlgorithm Algorithm;
    public nuint WorkspaceBytes;
    public int State;
    public float Waves;
    public long Reserved0, Reserved1;
}
