using System.Runtime.InteropServices;

namespace Cria.Tensors.Native;

/// <summary>The functions of NVIDIA's driver that are used here, as its header <c>cuda.h</c> declares them; each returns 0 or an error.</summary>
internal sealed unsafe class DriverFunctions(nint library)
{
    public readonly delegate* unmanaged<uint, int> Init = (delegate* unmanaged<uint, int>)NativeLibrary.GetExport(library, "cuInit");
    public readonly delegate* unmanaged<int*, int> DriverGetVersion = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "cuDriverGetVersion");
    public readonly delegate* unmanaged<int, byte**, int> GetErrorName = (delegate* unmanaged<int, byte**, int>)NativeLibrary.GetExport(library, "cuGetErrorName");
    public readonly delegate* unmanaged<int, byte**, int> GetErrorString = (delegate* unmanaged<int, byte**, int>)NativeLibrary.GetExport(library, "cuGetErrorString");

    // Cards
    public readonly delegate* unmanaged<int*, int> DeviceGetCount = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "cuDeviceGetCount");
    public readonly delegate* unmanaged<int*, int, int> DeviceGet = (delegate* unmanaged<int*, int, int>)NativeLibrary.GetExport(library, "cuDeviceGet");
    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)NativeLibrary.GetExport(library, "cuDeviceGetName");
    public readonly delegate* unmanaged<nuint*, int, int> DeviceTotalMemory = (delegate* unmanaged<nuint*, int, int>)NativeLibrary.GetExport(library, "cuDeviceTotalMem_v2");
    public readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)NativeLibrary.GetExport(library, "cuDeviceGetAttribute");
    public readonly delegate* unmanaged<nint*, int, int> ContextRetain = (delegate* unmanaged<nint*, int, int>)NativeLibrary.GetExport(library, "cuDevicePrimaryCtxRetain");
    public readonly delegate* unmanaged<int, int> ContextRelease = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "cuDevicePrimaryCtxRelease_v2");
    public readonly delegate* unmanaged<nint, int> ContextSetCurrent = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuCtxSetCurrent");

    // Memory
    public readonly delegate* unmanaged<nuint*, nuint*, int> MemoryInfo = (delegate* unmanaged<nuint*, nuint*, int>)NativeLibrary.GetExport(library, "cuMemGetInfo_v2");
    public readonly delegate* unmanaged<nint*, nuint, int> Allocate = (delegate* unmanaged<nint*, nuint, int>)NativeLibrary.GetExport(library, "cuMemAlloc_v2");
    public readonly delegate* unmanaged<nint, int> Free = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuMemFree_v2");
    public readonly delegate* unmanaged<void**, nuint, uint, int> HostAllocate = (delegate* unmanaged<void**, nuint, uint, int>)NativeLibrary.GetExport(library, "cuMemHostAlloc");
    public readonly delegate* unmanaged<void*, int> HostFree = (delegate* unmanaged<void*, int>)NativeLibrary.GetExport(library, "cuMemFreeHost");
    public readonly delegate* unmanaged<nint, void*, nuint, nint, int> CopyToDevice = (delegate* unmanaged<nint, void*, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemcpyHtoDAsync_v2");
    public readonly delegate* unmanaged<void*, nint, nuint, nint, int> CopyToHost = (delegate* unmanaged<void*, nint, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemcpyDtoHAsync_v2");
    public readonly delegate* unmanaged<nint, nint, nuint, nint, int> Copy = (delegate* unmanaged<nint, nint, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemcpyDtoDAsync_v2");
    public readonly delegate* unmanaged<nint, uint, nuint, nint, int> Set32 = (delegate* unmanaged<nint, uint, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemsetD32Async");
    public readonly delegate* unmanaged<nint, ushort, nuint, nint, int> Set16 = (delegate* unmanaged<nint, ushort, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemsetD16Async");
    public readonly delegate* unmanaged<nint, byte, nuint, nint, int> Set8 = (delegate* unmanaged<nint, byte, nuint, nint, int>)NativeLibrary.GetExport(library, "cuMemsetD8Async");

    // Streams and events
    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate = (delegate* unmanaged<nint*, uint, int>)NativeLibrary.GetExport(library, "cuStreamCreate");
    public readonly delegate* unmanaged<nint, int> StreamDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuStreamDestroy_v2");
    public readonly delegate* unmanaged<nint, int> StreamSynchronize = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuStreamSynchronize");
    public readonly delegate* unmanaged<nint, nint, uint, int> StreamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)NativeLibrary.GetExport(library, "cuStreamWaitEvent");
    public readonly delegate* unmanaged<nint*, uint, int> EventCreate = (delegate* unmanaged<nint*, uint, int>)NativeLibrary.GetExport(library, "cuEventCreate");
    public readonly delegate* unmanaged<nint, int> EventDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuEventDestroy_v2");
    public readonly delegate* unmanaged<nint, nint, int> EventRecord = (delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "cuEventRecord");
    public readonly delegate* unmanaged<nint, int> EventSynchronize = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuEventSynchronize");

    // Kernels
    public readonly delegate* unmanaged<nint*, void*, int> ModuleLoad = (delegate* unmanaged<nint*, void*, int>)NativeLibrary.GetExport(library, "cuModuleLoadData");
    public readonly delegate* unmanaged<nint, int> ModuleUnload = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuModuleUnload");
    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)NativeLibrary.GetExport(library, "cuModuleGetFunction");
    public readonly delegate* unmanaged<nint, int, int, int> FunctionSetAttribute = (delegate* unmanaged<nint, int, int, int>)NativeLibrary.GetExport(library, "cuFuncSetAttribute");
    public readonly delegate* unmanaged<LaunchConfiguration*, nint, void**, void**, int> LaunchKernel =
        (delegate* unmanaged<LaunchConfiguration*, nint, void**, void**, int>)NativeLibrary.GetExport(library, "cuLaunchKernelEx");

    // Graphs
    public readonly delegate* unmanaged<nint, int, int> BeginCapture = (delegate* unmanaged<nint, int, int>)NativeLibrary.GetExport(library, "cuStreamBeginCapture_v2");
    public readonly delegate* unmanaged<nint, nint*, int> EndCapture = (delegate* unmanaged<nint, nint*, int>)NativeLibrary.GetExport(library, "cuStreamEndCapture");
    public readonly delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiate = (delegate* unmanaged<nint*, nint, ulong, int>)NativeLibrary.GetExport(library, "cuGraphInstantiateWithFlags");
    public readonly delegate* unmanaged<nint, nint, int> GraphLaunch = (delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "cuGraphLaunch");
    public readonly delegate* unmanaged<nint, int> GraphDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuGraphDestroy");
    public readonly delegate* unmanaged<nint, int> GraphExecDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuGraphExecDestroy");
}
