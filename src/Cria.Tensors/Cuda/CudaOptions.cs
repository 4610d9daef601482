namespace Cria.Tensors;

/// <summary>Which card a <see cref="CudaBackend"/> works on, and how.</summary>
public sealed record CudaOptions
{
    /// <summary>The number of the card, from 0, as the driver counts.</summary>
    public int Device { get; init; }

    /// <summary>How activations are stored: bf16, or f32 for comparisons. Statistics, sums and trained tensors are f32 always.</summary>
    public DataType ActivationType { get; init; } = DataType.BF16;

    /// <summary>Folders in which libraries are looked for before all others.</summary>
    public IReadOnlyList<string> LibraryFolders { get; init; } = [];

    /// <summary>Where compiled kernels are kept from one run to the next; null keeps none.</summary>
    public string? KernelCache { get; init; }
}
