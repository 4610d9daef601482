using System.Globalization;
using Cria.Tensors;

namespace Cria.Tests;

/// <summary>The device of tests that hold on every one: the processor, or with <c>CRIA_TEST_DEVICE=cuda</c> or <c>cuda:N</c> a card, its activations in f32 as the references'.</summary>
internal static class TestBackend
{
    public const string LibrariesVariable = "CRIA_CUDA_LIBRARIES", CacheVariable = "CRIA_CUDA_CACHE";

    private static readonly string[] device = (Environment.GetEnvironmentVariable("CRIA_TEST_DEVICE") ?? "cpu").Split(':');

    public static bool IsCard { get; } = device[0] == "cuda";

    /// <summary>The number of the card.</summary>
    public static int Index { get; } = device is [_, var index] ? int.Parse(index, CultureInfo.InvariantCulture) : 0;

    public static Backend Make(int threads = 2) => IsCard ? Card(DataType.F32) : new CpuBackend(threads);

    public static CudaBackend Card(DataType activations) => Card(activations, Index);

    public static CudaBackend Card(DataType activations, int index) => new(new CudaOptions
    {
        Device = index,
        ActivationType = activations,
        LibraryFolders = Environment.GetEnvironmentVariable(LibrariesVariable)?.Split(Path.PathSeparator) ?? [],
        KernelCache = Environment.GetEnvironmentVariable(CacheVariable) ?? Path.Combine(Path.GetTempPath(), "cria-test-kernels"),
    });
}
