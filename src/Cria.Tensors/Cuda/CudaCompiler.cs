using System.Text;
using Cria.Tensors.Native;

namespace Cria.Tensors;

/// <summary>Compiles kernels with NVRTC for one card. Sources are embedded in this assembly; headers are ours alone.</summary>
internal sealed unsafe class CudaCompiler
{
    private readonly NvrtcFunctions nvrtc;
    private readonly string architecture;

    public CudaCompiler(NvrtcFunctions nvrtc, CudaCard card)
    {
        this.nvrtc = nvrtc;
        int major = 0, minor = 0;
        Check(nvrtc.Version(&major, &minor), "nvrtcVersion");
        Version = (major, minor);
        var driver = CudaCard.DriverVersion(card.Driver);
        if (driver.Major < major)
            throw CudaException.OldDriver($"{driver.Major}.{driver.Minor}", $"{major}.{minor}");

        // With its letter the target has the instructions that only this generation has.
        architecture = $"sm_{card.Major}{card.Minor}{(card.Major == 9 ? "a" : "")}";
    }

    /// <summary>Of NVRTC.</summary>
    public (int Major, int Minor) Version { get; }

    /// <summary>Everything besides sources that a compiled kernel depends on.</summary>
    public string Identity => $"nvrtc {Version.Major}.{Version.Minor} {architecture}";

    /// <summary>Machine code for this card.</summary>
    /// <exception cref="CudaException">The source does not compile; the compiler's words are in the message.</exception>
    public byte[] Compile(KernelSource source)
    {
        nint program = 0;
        using var names = new NativeStrings([source.Name + ".cu", source.Text]);
        using var headers = new NativeStrings([.. source.Headers.Values]);
        using var headerNames = new NativeStrings([.. source.Headers.Keys]);
        Check(nvrtc.CreateProgram(&program, names.Pointers[1], names.Pointers[0], headers.Count, headers.Pointers, headerNames.Pointers), "nvrtcCreateProgram");
        try
        {
            using var options = new NativeStrings([$"--gpu-architecture={architecture}", "--std=c++17", "-default-device", .. source.Options]);
            if (nvrtc.CompileProgram(program, options.Count, options.Pointers) != 0)
                throw CudaException.Kernel(source.Name, $"{Identity} {string.Join(' ', source.Options)}", Log(program));
            return Cubin(program);
        }
        finally
        {
            _ = nvrtc.DestroyProgram(&program);
        }
    }

    private string Log(nint program)
    {
        nuint size = 0;
        Check(nvrtc.LogSize(program, &size), "nvrtcGetProgramLogSize");
        byte[] log = new byte[(int)size];
        fixed (byte* start = log)
            Check(nvrtc.Log(program, start), "nvrtcGetProgramLog");
        return Encoding.UTF8.GetString(log);
    }

    private byte[] Cubin(nint program)
    {
        nuint size = 0;
        Check(nvrtc.CubinSize(program, &size), "nvrtcGetCUBINSize");
        byte[] code = new byte[(int)size];
        fixed (byte* start = code)
            Check(nvrtc.Cubin(program, start), "nvrtcGetCUBIN");
        return code;
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
            throw CudaException.Library("NVRTC", call, result);
    }
}
