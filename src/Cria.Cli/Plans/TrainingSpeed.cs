using System.Globalization;
using Cria.Cli.Verbs;
using Cria.Tensors;

namespace Cria.Cli.Plans;

/// <summary>How fast training steps are taken to compute, and where that comes from.</summary>
/// <param name="FlopPerSecond">Floating-point operations a second.</param>
/// <param name="Origin">For people.</param>
internal sealed record TrainingSpeed(double FlopPerSecond, string Origin)
{
    // LoRA steps reach 50 to 56 % of a processor's multiply-adds and two thirds of a card's products: docs/performance.md.
    private const double Share = 0.5;

    public static TrainingSpeed Named(double gigaFlops) => new(gigaFlops * 1e9, "as given");

    /// <summary>Measures a device, in about a second.</summary>
    public static TrainingSpeed Measure(Backend device)
    {
        var limits = BenchLimits.Measure(device);
        return new(Share * limits.FlopPerSecond, $"half of what {device.Name} reached just now");
    }

    public override string ToString() => $"{(FlopPerSecond / 1e9).ToString(FlopPerSecond >= 1e10 ? "N0" : "N1", CultureInfo.InvariantCulture)} GFLOP/s, {Origin}";
}
