using System.Globalization;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>An adapter whose beginning was taken out of the base (PiSSA, OLoRA), as a plain LoRA of twice the rank over the base as it was.</summary>
/// <remarks>W − s B₀ A₀ + s B A = W + s [B, −B₀] [A; A₀]. The scaling stays what it was: α doubles with the rank, or grows by √2 with rsLoRA.</remarks>
internal static class LoraExport
{
    public static bool IsNeeded(PeftOptions options) => options is LoraOptions { Init: LoraInitialization.Pissa or LoraInitialization.Olora };

    /// <summary>The settings of the plain LoRA.</summary>
    public static LoraOptions Options(LoraOptions options)
    {
        double alphas = options.Rslora ? Math.Sqrt(2) : 2;
        return options with
        {
            Init = LoraInitialization.Default,
            Rank = 2 * options.Rank,
            Alpha = (float)(alphas * options.Alpha),
            RankPattern = Times(options.RankPattern, 2),
            AlphaPattern = Times(options.AlphaPattern, alphas),
        };
    }

    /// <summary>Its tensors by name.</summary>
    public static IReadOnlyList<KeyValuePair<string, Tensor>> Tensors(Adapter adapter)
    {
        using var off = Gradients.Off();
        var tensors = new List<KeyValuePair<string, Tensor>>();
        foreach (var parameter in adapter.Trained)
        {
            var tensor = parameter.Value;
            foreach (var lora in adapter.Loras)
            {
                if (lora.A == parameter)
                    tensor = Tensor.Concatenate(tensor, lora.Initial!.Value.A);
                else if (lora.B == parameter)
                    tensor = Orthonormal.Transpose(Tensor.Concatenate(Orthonormal.Transpose(tensor), Orthonormal.Transpose(lora.Initial!.Value.B) * -1));
            }
            tensors.Add(new(parameter.Name, tensor));
        }
        return tensors;
    }

    private static IReadOnlyList<string> Times(IReadOnlyList<string> patterns, double factor) =>
        [.. patterns.Select(LayerPattern.Parts).OfType<(string Expression, double Value)>()
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Expression}={part.Value * factor}"))];
}
