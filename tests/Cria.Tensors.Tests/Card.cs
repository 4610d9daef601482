using System.Collections.Concurrent;
using System.Globalization;

namespace Cria.Tensors.Tests;

/// <summary>The card of this machine, if it has one. Taking it into use takes a moment, so tests hand it on to each other.</summary>
/// <remarks>
/// Where <c>CRIA_REQUIRE_CUDA=1</c> a machine without a card fails the tests instead of skipping them. <c>CRIA_CUDA_LIBRARIES</c> names folders of
/// libraries, <c>CRIA_CUDA_CACHE</c> one for compiled kernels.
/// </remarks>
public static class Card
{
    private static readonly ConcurrentBag<CudaBackend> idle = [];
    private static readonly Lazy<string?> missing = new(Look);
    private static readonly string[] device = (Environment.GetEnvironmentVariable("CRIA_TEST_DEVICE") ?? "cpu").Split(':');

    /// <summary>Whether <c>CRIA_TEST_DEVICE</c> names a card, <c>cuda</c> or <c>cuda:N</c>: tests of every device are then of that one alone.</summary>
    public static bool IsNamed => device[0] == "cuda";

    /// <summary>Why there is no card to test on; null where there is one.</summary>
    /// <exception cref="CudaException">There is none, and there must be.</exception>
    public static string? Missing => missing.Value;

    /// <summary>The card, with activations in f32 so that its numbers can be compared with the processor's. Not for two tests at once.</summary>
    public static CudaBackend Rent() => idle.TryTake(out var backend) ? backend : new CudaBackend(Options(DataType.F32));

    /// <summary>For the next test.</summary>
    public static void Return(CudaBackend backend) => idle.Add(backend);

    /// <summary>How tests use the card.</summary>
    public static CudaOptions Options(DataType activations) => new()
    {
        Device = device is [_, var index] ? int.Parse(index, CultureInfo.InvariantCulture) : 0,
        ActivationType = activations,
        LibraryFolders = Environment.GetEnvironmentVariable("CRIA_CUDA_LIBRARIES")?.Split(Path.PathSeparator) ?? [],
        KernelCache = Environment.GetEnvironmentVariable("CRIA_CUDA_CACHE") ?? Path.Combine(Path.GetTempPath(), "cria-test-kernels"),
    };

    private static string? Look()
    {
        try
        {
            Return(new CudaBackend(Options(DataType.F32)));
            return null;
        }
        catch (CudaException e) when (Environment.GetEnvironmentVariable("CRIA_REQUIRE_CUDA") != "1")
        {
            return e.Message.Split('\n')[0];
        }
    }
}
