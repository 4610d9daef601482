using Cria.Tensors;

namespace Cria.Tests;

/// <summary>The device of tests that hold on every one: the processor, or with <c>CRIA_TEST_DEVICE=cuda</c> the card, its activations in f32 as the references'.</summary>
internal static class TestBackend
{
    public const string LibrariesVariable = "CRIA_CUDA_LIBRARIES", CacheVariable = "CRIA_CUDA_CACHE";

    public static bool IsCard { get; } = Environment.GetEnvironmentVariable("CRIA_TEST_DEVICE") == "cuda";

    public static Backend Make(int threads = 2) => IsCard ? Card(DataType.F32) : new CpuBackend(threads);

    public static CudaBackend Card(DataType activations) => new(new CudaOptions
    {
        ActivationType = activations,
        LibraryFolders = Environment.GetEnvironmentVariable(LibrariesVariable)?.Split(Path.PathSeparator) ?? [],
        KernelCache = Environment.GetEnvironmentVariable(CacheVariable) ?? Path.Combine(Path.GetTempPath(), "cria-test-kernels"),
    });
}
