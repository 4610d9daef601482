using System.Runtime.InteropServices;

namespace Cria.Tensors.Native;

/// <summary>The functions of NVIDIA's run-time compiler, as <c>nvrtc.h</c> declares them; each returns 0 or an error.</summary>
internal sealed unsafe class NvrtcFunctions(nint library)
{
    public readonly delegate* unmanaged<int*, int*, int> Version = (delegate* unmanaged<int*, int*, int>)NativeLibrary.GetExport(library, "nvrtcVersion");
    public readonly delegate* unmanaged<int*, int> CountArchitectures = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "nvrtcGetNumSupportedArchs");
    public readonly delegate* unmanaged<int*, int> Architectures = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "nvrtcGetSupportedArchs");
    public readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> CreateProgram =
        (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)NativeLibrary.GetExport(library, "nvrtcCreateProgram");
    public readonly delegate* unmanaged<nint*, int> DestroyProgram = (delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "nvrtcDestroyProgram");
    public readonly delegate* unmanaged<nint, int, byte**, int> CompileProgram = (delegate* unmanaged<nint, int, byte**, int>)NativeLibrary.GetExport(library, "nvrtcCompileProgram");
    public readonly delegate* unmanaged<nint, nuint*, int> LogSize = (delegate* unmanaged<nint, nuint*, int>)NativeLibrary.GetExport(library, "nvrtcGetProgramLogSize");
    public readonly delegate* unmanaged<nint, byte*, int> Log = (delegate* unmanaged<nint, byte*, int>)NativeLibrary.GetExport(library, "nvrtcGetProgramLog");
    public readonly delegate* unmanaged<nint, nuint*, int> CubinSize = (delegate* unmanaged<nint, nuint*, int>)NativeLibrary.GetExport(library, "nvrtcGetCUBINSize");
    public readonly delegate* unmanaged<nint, byte*, int> Cubin = (delegate* unmanaged<nint, byte*, int>)NativeLibrary.GetExport(library, "nvrtcGetCUBIN");
}
