using System.Globalization;
using Cria.Tensors;

namespace Cria.Cli;

/// <summary>Where a verb computes: what <c>--device</c> names, or a card where one works and else the processor.</summary>
internal sealed class DeviceChoice(string? named, int threads, Terminal terminal)
{
    public const string Cpu = "cpu", Cuda = "cuda";

    // A toolkit, or a Python environment with NVIDIA's wheels.
    private static readonly string[] homes = ["CUDA_PATH", "VIRTUAL_ENV", "CONDA_PREFIX"];

    private bool isSaid;

    /// <summary>Whether this is the name of a device: <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public static bool IsName(string text) => text == Cpu || IndexOf(text) is not null;

    /// <summary>How a card is used, as the environment says.</summary>
    public static CudaOptions Options(int device) => new()
    {
        Device = device,
        LibraryFolders =
        [
            .. Environment.GetEnvironmentVariable("CRIA_CUDA_LIBRARIES")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [],
            .. homes.Select(Environment.GetEnvironmentVariable).OfType<string>(),
        ],
        KernelCache = Path.Combine(CacheFolder(), "cria", "kernels"),
    };

    /// <summary>Takes the device into use.</summary>
    /// <exception cref="CudaException">A card was asked for by name, and cannot be used.</exception>
    public Backend Open()
    {
        if (named == Cpu)
            return new CpuBackend(threads);
        if (named is not null)
            return Say(new CudaBackend(Options(IndexOf(named) ?? 0)));
        if (!CudaBackend.HasDriver)
            return new CpuBackend(threads);
        try
        {
            return Say(new CudaBackend(Options(0)));
        }
        catch (CudaException e)
        {
            if (!isSaid)
                terminal.Error.WriteLine($"{e.Message}\nComputing on the cpu instead (--device cpu says nothing of this; cria doctor looks closer).");
            isSaid = true;
            return new CpuBackend(threads);
        }
    }

    private CudaBackend Say(CudaBackend card)
    {
        if (!isSaid)
            terminal.Error.WriteLine($"Computing on {card.Name}, {card.Model}.");
        isSaid = true;
        return card;
    }

    private static int? IndexOf(string text)
    {
        if (text == Cuda)
            return 0;
        return text.StartsWith($"{Cuda}:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(Cuda.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
    }

    private static string CacheFolder()
    {
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return local.Length > 0 ? local : Path.GetTempPath();
    }
}
