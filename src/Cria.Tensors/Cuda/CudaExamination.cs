namespace Cria.Tensors;

/// <summary>One thing that was looked at. With a fix, something is missing.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">What was found.</param>
/// <param name="Fix">What to do; null where nothing is wrong.</param>
public sealed record CudaFinding(string Name, string Value, string? Fix = null);

/// <summary>What a machine has of what a <see cref="CudaBackend"/> needs: driver, card, libraries.</summary>
public static class CudaExamination
{
    /// <summary>Looks at everything, as far as it can be reached.</summary>
    public static IReadOnlyList<CudaFinding> Run(CudaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!CudaLibraries.HasDriver)
            return [new("cuda", "no driver of NVIDIA: Cria computes on the processor")];
        var libraries = new CudaLibraries(options.LibraryFolders);
        return
        [
            Look("cuda driver", () => $"for CUDA {Version(CudaCard.DriverVersion(libraries.Driver))}"),
            LookAt(libraries, options.Device),
            .. Enumerable.Range(0, CudaCard.Count(libraries.Driver)).Where(index => index != options.Device).Select(index => LookAt(libraries, index) with { Fix = null }),
            Look("cuda compiler", () =>
            {
                using var card = new CudaCard(libraries.Driver, options.Device);
                return $"NVRTC {Version(new CudaCompiler(libraries.Compiler, card).Version)}, {libraries.PathOf(libraries.Compiler)}";
            }),
            Look("cuda products", () => $"cuBLASLt {libraries.ProductsVersion}, {libraries.PathOf(libraries.Products)}"),
            Look("cuda kernels", () => options.KernelCache is null ? "compiled anew in each run" : $"kept in {options.KernelCache}"),
        ];
    }

    // What is wrong with a card that nobody named needs no fix.
    private static CudaFinding LookAt(CudaLibraries libraries, int index) => Look("cuda card", () =>
    {
        using var card = new CudaCard(libraries.Driver, index);
        return $"{card.Name}, {card.Model}, compute capability {card.Major}.{card.Minor}, {card.MemoryBytes >> 20:N0} MiB, {card.Multiprocessors} multiprocessors";
    });

    private static CudaFinding Look(string name, Func<string> look)
    {
        try
        {
            return new(name, look());
        }
        catch (CudaException e)
        {
            return new(name, e.Message.Split('\n')[0], e.Fix ?? "--device cpu works without a card");
        }
    }

    private static string Version((int Major, int Minor) version) => $"{version.Major}.{version.Minor}";
}
