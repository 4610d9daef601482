using System.Runtime.InteropServices;
using Cria.Tensors.Native;

namespace Cria.Tensors;

/// <summary>One card as the driver describes it, and its context, in which everything else is made.</summary>
internal sealed unsafe class CudaCard : IDisposable
{
    private const int MajorAttribute = 75, MinorAttribute = 76, MultiprocessorsAttribute = 16, CacheAttribute = 38, SharedAttribute = 97;

    // Of the process: all backends of a card share its context.
    private static readonly Lock whole = new();

    private readonly int handle;
    private readonly nint context;

    public CudaCard(DriverFunctions driver, int index)
    {
        (Driver, Name) = (driver, $"cuda:{index}");
        Check(driver.Init(0), "cuInit");
        int found = 0;
        Check(driver.DeviceGetCount(&found), "cuDeviceGetCount");
        if ((uint)index >= (uint)found)
            throw CudaException.NoCard(found, index);
        int card = 0;
        Check(driver.DeviceGet(&card, index), "cuDeviceGet");
        handle = card;
        (Model, MemoryBytes) = (ReadModel(), ReadMemory());
        (Major, Minor, Multiprocessors) = (Attribute(MajorAttribute), Attribute(MinorAttribute), Attribute(MultiprocessorsAttribute));
        (CacheBytes, SharedBytes) = (Attribute(CacheAttribute), Attribute(SharedAttribute));
        if (Major < 8)
            throw CudaException.OldCard(Model, Major, Minor);
        nint made = 0;
        Check(driver.ContextRetain(&made, handle), "cuDevicePrimaryCtxRetain");
        context = made;
        Enter();
    }

    public DriverFunctions Driver { get; }

    /// <summary>What a user calls it, <c>cuda:0</c>.</summary>
    public string Name { get; }

    /// <summary>What its maker calls it.</summary>
    public string Model { get; }

    public int Major { get; }

    public int Minor { get; }

    public int Multiprocessors { get; }

    public long CacheBytes { get; }

    /// <summary>The most shared memory that one block can have.</summary>
    public int SharedBytes { get; }

    public long MemoryBytes { get; }

    /// <summary>Whether a kernel can start while the one before it ends.</summary>
    public bool StartsEarly => Major >= 9;

    /// <summary>Free bytes of the whole card now.</summary>
    public long FreeBytes
    {
        get
        {
            nuint free = 0, total = 0;
            Check(Driver.MemoryInfo(&free, &total), "cuMemGetInfo");
            return (long)free;
        }
    }

    /// <summary>The newest CUDA that the driver serves, such as 13.0.</summary>
    public static (int Major, int Minor) DriverVersion(DriverFunctions driver)
    {
        int version = 0;
        _ = driver.DriverGetVersion(&version);
        return (version / 1000, version % 1000 / 10);
    }

    /// <summary>How many cards the driver sees.</summary>
    public static int Count(DriverFunctions driver)
    {
        int found = 0;
        return driver.Init(0) == 0 && driver.DeviceGetCount(&found) == 0 ? found : 0;
    }

    /// <summary>Makes this card the one of the calling thread: work goes from thread to thread.</summary>
    public void Enter() => Check(Driver.ContextSetCurrent(context), "cuCtxSetCurrent");

    /// <summary>For what concerns all of a context, whichever backend asks: work that is recorded, and what would wait for that work and so end the recording.</summary>
    public static Lock.Scope EnterAlone() => whole.EnterScope();

    public void Check(int result, string call)
    {
        if (result != 0)
            throw Failed(result, call);
    }

    public void Dispose() => _ = Driver.ContextRelease(handle);

    private CudaException Failed(int result, string call)
    {
        byte* name = null, text = null;
        _ = Driver.GetErrorName(result, &name);
        _ = Driver.GetErrorString(result, &text);
        return CudaException.Failed(
            Model is null ? Name : $"{Name} ({Model})", call, Marshal.PtrToStringUTF8((nint)name) ?? $"error {result}", Marshal.PtrToStringUTF8((nint)text) ?? "unknown to this driver");
    }

    private int Attribute(int which)
    {
        int value = 0;
        Check(Driver.DeviceGetAttribute(&value, which, handle), "cuDeviceGetAttribute");
        return value;
    }

    private string ReadModel()
    {
        byte* name = stackalloc byte[256];
        Check(Driver.DeviceGetName(name, 256, handle), "cuDeviceGetName");
        return Marshal.PtrToStringUTF8((nint)name) ?? Name;
    }

    private long ReadMemory()
    {
        nuint bytes = 0;
        Check(Driver.DeviceTotalMemory(&bytes, handle), "cuDeviceTotalMem");
        return (long)bytes;
    }
}
