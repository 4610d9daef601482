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

    // What Python calls the folder of its packages, and what Debian calls it.
    private static readonly string[] packageFolders = ["site-packages", "dist-packages"];

    private readonly IReadOnlyList<string> folders;
    private readonly Dictionary<string, string> found = [];
    private DriverFunctions? driver;
    private NvrtcFunctions? compiler;
    private CublasLtFunctions? products;

    public CudaLibraries(IReadOnlyList<string> named) => folders = [.. named.SelectMany(Inside), .. SystemFolders()];

    /// <summary>Whether the system has a driver.</summary>
    public static bool HasDriver => driverNames.Any(name => NativeLibrary.TryLoad(name, out _));

    /// <summary>The driver. It belongs to the system, so it is looked for nowhere but on the loader's path.</summary>
    public DriverFunctions Driver => driver ??= new DriverFunctions(Load(
        "The driver of NVIDIA", driverNames, [], "install the driver of the card, or --device cpu"));

    /// <summary>The run-time compiler.</summary>
    public NvrtcFunctions Compiler => compiler ??= new NvrtcFunctions(Load(
        "The compiler NVRTC of CUDA 13", compilerNames, folders, Fix("nvidia-cuda-nvrtc")));

    /// <summary>Matrix products.</summary>
    public CublasLtFunctions Products => products ??= new CublasLtFunctions(Load(
        "The library cuBLASLt of CUDA 13", productNames, folders, Fix("nvidia-cublas")));

    /// <summary>The version of <see cref="Products"/>, such as 13.0.2.</summary>
    public unsafe string ProductsVersion
    {
        get
        {
            int version = (int)Products.Version();
            return $"{version / 10_000}.{version % 10_000 / 100}.{version % 100}";
        }
    }

    /// <summary>Where a library was found, or its name where the loader knew.</summary>
    public string PathOf(object library) => found[ReferenceEquals(library, compiler) ? compilerNames[0] : ReferenceEquals(library, products) ? productNames[0] : driverNames[0]];

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
                found[names[0]] = path;
                return library;
            }
        }
        throw CudaException.NoLibrary(what, names, [.. places, "the loader's path"], fix);
    }

    // A folder may be that of the libraries, of a toolkit, or of a Python environment.
    private static IEnumerable<string> Inside(string folder) =>
        [folder, Path.Combine(folder, "lib64"), Path.Combine(folder, "targets", "x86_64-linux", "lib"), Path.Combine(folder, "bin"), .. Wheels(Path.Combine(folder, "lib"))];

    private static IEnumerable<string> SystemFolders()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return
        [
            .. Matching("/usr/local", "cuda*").OrderDescending().SelectMany(Inside),
            .. new[] { "/usr/lib", "/usr/local/lib", Path.Combine(home, ".local", "lib") }.SelectMany(Wheels),
        ];
    }

    // NVIDIA's wheels under the packages of every Python in a folder.
    private static IEnumerable<string> Wheels(string libraries) =>
        from python in Matching(libraries, "python3*")
        from packages in packageFolders
        from wheel in Matching(Path.Combine(python, packages, "nvidia"), "*")
        select Path.Combine(wheel, "lib");

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
