namespace Cria.Tensors;

/// <summary>A card that is missing, does not suit, or has failed. The message says what was found and what to do.</summary>
public sealed class CudaException : Exception
{
    private CudaException(string message)
        : base(message)
    {
    }

    /// <summary>Whether the memory of the card ran out.</summary>
    public bool IsOutOfMemory { get; private init; }

    /// <summary>What to do about it, where that is known.</summary>
    public string? Fix { get; private init; }

    internal static CudaException NoLibrary(string what, IEnumerable<string> names, IEnumerable<string> looked, string fix) => new(
        $"""
        {what} was not found.
          looked for {string.Join(", ", names)}
          in         {string.Join(", ", looked)}
          fix        {fix}
        """)
    {
        Fix = fix,
    };

    internal static CudaException NoCard(int found, int index) => new(found == 0
        ? "The driver of NVIDIA is there, but it sees no card."
        : $"cuda:{index}: there is no such card; the driver sees {found}, numbered from 0.");

    internal static CudaException OldCard(string card, int major, int minor) => new(
        $"""
        {card} is too old.
          expected   compute capability 8.0 or higher, for products in bfloat16
          found      {major}.{minor}
          fix        --device cpu
        """)
    {
        Fix = "a newer card, or --device cpu",
    };

    internal static CudaException OldDriver(string driver, string compiler) => new(
        $"""
        The driver is older than the libraries.
          driver     for CUDA {driver}
          compiler   NVRTC {compiler}
          fix        a newer driver, or libraries of CUDA {driver} (name their folder in CRIA_CUDA_LIBRARIES)
        """)
    {
        Fix = $"a newer driver, or libraries of CUDA {driver}",
    };

    internal static CudaException Failed(string card, string call, string error, string means) => new($"{card}: {call} failed: {error} ({means}).");

    internal static CudaException Library(string card, string call, int status) => new($"{card}: {call} failed with status {status}.");

    internal static CudaException NoProduct(string card, string product) => new($"{card}: cuBLASLt knows no way to compute {product}.");

    internal static CudaException Kernel(string file, string options, string log) => new(
        $"""
        {file}.cu does not compile ({options}).
        {log.TrimEnd('\0', '\n')}
        """);

    internal static CudaException NotInHostMemory(string card) => new(
        $"The numbers of this tensor are in the memory of {card}: copy them with Tensor.ToArray or Tensor.Read.");

    internal static CudaException NotRecordable(string what) => new($"Work with {what} in it cannot be recorded.");

    internal static CudaException OutOfMemory(string card, CudaHoldings held) => new(
        $"""
        {card}: its memory ran out.
          wanted     {Mebibytes(held.Wanted)} more
          held here  {Mebibytes(held.Lasting)} by weights, states and caches, {Mebibytes(held.Passing)} by activations and their gradients, {Mebibytes(held.Idle)} idle
          others     {Mebibytes(held.Others)} of {Mebibytes(held.Total)}, by other processes and the driver
          fix        train: a smaller micro_batch_size or max_length, recompute: true, or a base of type nf4-dq; else a smaller model or context
        """)
    {
        IsOutOfMemory = true,
    };

    internal static CudaException OfAnother(string backend, string recorder) => new(
        $"Work for another backend, of {backend}, cannot be recorded in that of {recorder}: each records its own.");

    private static string Mebibytes(long bytes) => $"{bytes / (1024.0 * 1024):N0} MiB";
}
