using System.Runtime.InteropServices;
using Cria.Tensors.Native;

namespace Cria.Tensors;

/// <summary>The libraries of NVIDIA that a <see cref="CudaBackend"/> calls, found where systems keep them.</summary>
/// <remarks>
/// In this order: folders that the caller names; the loader's own path; <c>/usr/local/cuda*</c>; the folders of NVIDIA's Python wheels. What is
/// loaded stays loaded until the process ends.
/// </remarks>
internal sealed class CudaLibraries
{
    /// <summary>The newest first.</summary>
    private static readonly string[]
        driverNames = OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"],
        compilerNames = OperatingSystem.IsWindows() ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"] : ["libnvrtc.so.13", "libnvrtc.so.12"],
        productNames = OperatingSystem.IsWindows() ? ["cublasLt64_13.dll", "cublasLt64_12.dll"] : ["libcublasLt.so.13", "libcublasLt.so.12"];

    private readonly IReadOnlyList<string> folders;
    private DriverFunctions? driver;
    private NvrtcFunctions? compiler;
    private CublasLtFunctions? products;

    public CudaLibraries(IReadOnlyList<string> named) => folders = [.. named, .. SystemFolders()];

    /// <summary>The driver. It belongs to the system, so it is looked for nowhere but on the loader's path.</summary>
    public DriverFunctions Driver => driver ??= new DriverFunctions(Load(
        "The driver of NVIDIA", driverNames, [], "install the driver of the card, or --device cpu"));

    /// <summary>The run-time compiler.</summary>
    public NvrtcFunctions Compiler => compiler ??= new NvrtcFunctions(Load(
        "The compiler NVRTC of CUDA 13", compilerNames, folders, Fix("nvidia-cuda-nvrtc")));

    /// <summary>Matrix products.</summary>
    public CublasLtFunctions Products => products ??= new CublasLtFunctions(Load(
        "The library cuBLASLt of CUDA 13", productNames, folders, Fix("nvidia-cublas")));

    /// <summary>Where each library was found, for people to read.</summary>
    public Dictionary<string, string> Found { get; } = [];

    private static string Fix(string wheel) =>
        $"install the CUDA toolkit 13 or the Python wheel {wheel}, or name the folder in CRIA_CUDA_LIBRARIES";

    private nint Load(string what, string[] names, IReadOnlyList<string> places, string fix)
    {
        foreach (string name in names)
        {
            foreach (string path in places.Select(folder => Path.Combine(folder, name)).Where(File.Exists).Append(name))
            {
                if (!NativeLibrary.TryLoad(path, out nint library))
                    continue;
                Found[what] = path;
                return library;
            }
        }
        throw CudaException.NoLibrary(what, names, [.. places, "the loader's path"], fix);
    }

    private static IEnumerable<string> SystemFolders()
    {
        foreach (string toolkit in Matching("/usr/local", "cuda*").OrderDescending())
        {
            yield return Path.Combine(toolkit, "lib64");
            yield return Path.Combine(toolkit, "targets", "x86_64-linux", "lib");
        }
        string[] pythons = ["/usr/lib", "/usr/local/lib", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "lib")];
        foreach (string folder in pythons.SelectMany(root => Matching(root, "python3*")))
        {
            foreach (string wheels in WheelFolders(Path.Combine(folder, "site-packages")).Concat(WheelFolders(Path.Combine(folder, "dist-packages"))))
                yield return wheels;
        }
    }

    /// <summary>The library folders of NVIDIA's wheels in a folder of Python packages.</summary>
    public static IEnumerable<string> WheelFolders(string packages) =>
        Matching(Path.Combine(packages, "nvidia"), "*").Select(wheel => Path.Combine(wheel, "lib")).Where(Directory.Exists);

    private static IEnumerable<string> Matching(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
