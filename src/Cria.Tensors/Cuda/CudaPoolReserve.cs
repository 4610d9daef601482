namespace Cria.Tensors;

/// <summary>Idle memory that is kept apart: recorded work uses it each time it runs, so nobody else may have it meanwhile.</summary>
internal sealed class CudaPoolReserve
{
    /// <summary>Pieces by size.</summary>
    public SortedDictionary<long, Stack<DeviceBlock>> Idle { get; } = [];
}
