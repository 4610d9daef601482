using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Cria.Cli.Display;
using Cria.Tensors;

namespace Cria.Cli.Verbs;

/// <summary>One thing that was looked at. With a <see cref="Fix"/>, something is wrong.</summary>
internal sealed record Finding(string Name, string Value, string? Fix = null);

/// <summary>What <c>cria doctor</c> looks at.</summary>
internal static class Examination
{
    private const long EnoughMemory = 1_000_000_000;
    private const long EnoughDisk = 100_000_000;

    public static IReadOnlyList<Finding> Run() =>
    [
        new("cria", Version),
        new("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}"),
        new("runtime", RuntimeFeature.IsDynamicCodeSupported ? RuntimeInformation.FrameworkDescription : $"{RuntimeInformation.FrameworkDescription}, native executable"),
        new("processor", $"{Processor}, {Environment.ProcessorCount} {(Environment.ProcessorCount == 1 ? "core" : "cores")} for this process"),
        Vectors(),
        ModelInside(),
        Memory(),
        Disk(Environment.CurrentDirectory),
        Pictures(),
        new("model cache", HuggingFaceCache()),
        .. CudaExamination.Run(DeviceChoice.Options(0)).Select(finding => new Finding(finding.Name, finding.Value, finding.Fix)),
    ];

    public static string Version { get; } =
        typeof(Examination).Assembly.GetName().Version is { } version ? version.ToString(3) : "unknown";

    /// <summary>The processor by name, where the system tells it.</summary>
    public static string Processor
    {
        get
        {
            const string cpuInfo = "/proc/cpuinfo";
            string? line = OperatingSystem.IsLinux() && File.Exists(cpuInfo) ? File.ReadLines(cpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
            return line?[(line.IndexOf(':') + 1)..].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? $"{RuntimeInformation.ProcessArchitecture}";
        }
    }

    private static Finding Vectors()
    {
        string[] sets =
        [
            .. Supported((Avx2.IsSupported, "AVX2"), (Fma.IsSupported, "FMA"), (Avx512F.IsSupported, "AVX-512"), (AvxVnni.IsSupported, "AVX-VNNI"),
                (AdvSimd.IsSupported, "NEON"), (Dp.IsSupported, "dot product")),
        ];
        int bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        string value = bits == 0 ? "none" : $"{bits} bits ({string.Join(", ", sets)})";
        return bits == 0
            ? new("vectors", value, "the kernels run without vector instructions, many times slower; unset DOTNET_EnableHWIntrinsic if it is set.")
            : new("vectors", value);
    }

    private static IEnumerable<string> Supported(params (bool Supported, string Name)[] sets) => sets.Where(set => set.Supported).Select(set => set.Name);

    private static Finding ModelInside()
    {
        try
        {
            using var llama = Llama.Load(CriaTiny.Name, new LlamaOptions { Threads = 1 });
            return new(CriaTiny.Name, $"opens, {llama.Model.Config.ParameterCount / 1e6:F1} M parameters, in {llama.Checkpoint.Name}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Checkpoints.CheckpointException)
        {
            return new(CriaTiny.Name, "does not open", e.Message);
        }
    }

    private static Finding Memory()
    {
        long bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return bytes >= EnoughMemory
            ? new("memory", Bytes.Text(bytes))
            : new("memory", Bytes.Text(bytes), $"the quickstart wants {Bytes.Text(EnoughMemory)}; give the machine or the container more.");
    }

    // Extras: what they lack is nothing that a machine fails by.
    private static Finding Pictures()
    {
        const string name = "pictures";
        try
        {
            return new(name, Picture.HasFonts ? "drawn, with this system's fonts" : $"drawn without words and numbers: there are no fonts. To have them, {Picture.FontFix}");
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException)
        {
            return new(name, $"not drawn: {(e.InnerException ?? e).Message}");
        }
    }

    private static Finding Disk(string folder)
    {
        long free = new DriveInfo(folder).AvailableFreeSpace;
        return free >= EnoughDisk
            ? new("free disk", $"{Bytes.Text(free)} in {folder}")
            : new("free disk", $"{Bytes.Text(free)} in {folder}", "make room, or work in another folder: a run writes its checkpoints there.");
    }

    private static string HuggingFaceCache()
    {
        string folder = ModelCache.Folder;
        if (!Directory.Exists(folder))
            return $"{folder} (not there yet)";
        int models = Directory.GetDirectories(folder, "models--*").Length;
        return $"{folder} ({models} {(models == 1 ? "model" : "models")})";
    }
}
