using Cria.Data;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>Finds where numbers stopped being finite, to name it in a message.</summary>
internal static class NonFinite
{
    /// <summary>The first trained tensor, gradient or output of a layer with a number that is not finite, in the order of a forward pass.</summary>
    public static string Find(LlamaModel model, IReadOnlyList<Parameter> trained, MicroBatch part, ForwardContext context) =>
        InWeights(trained) ?? InGradients(trained) ?? InLayers(model, part, context) ?? "the logits, computed from finite numbers everywhere else";

    private static string? InWeights(IEnumerable<Parameter> trained) =>
        trained.FirstOrDefault(parameter => Has(parameter.Value))?.Name;

    private static string? InGradients(IEnumerable<Parameter> trained) =>
        trained.FirstOrDefault(parameter => parameter.Value.Gradient is { } gradient && Has(gradient)) is { } found
            ? $"the gradient of {found.Name}"
            : null;

    private static string? InLayers(LlamaModel model, MicroBatch part, ForwardContext context)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        var x = model.Embed(part.Tokens, context);
        if (Has(x))
            return $"the output of {model.Embedding.Name}";
        for (int i = 0; i < model.Blocks.Count; i++)
        {
            x = model.Blocks[i].Forward(x, context);
            if (Has(x))
                return $"the output of model.layers.{i}";
        }
        return Has(model.Norm.Forward(x)) ? $"the output of {model.Norm.Weight.Name}" : null;
    }

    // Numbers whose squares overflow are as lost as those that are infinite already.
    private static bool Has(Tensor tensor) => !double.IsFinite(tensor.Device.SumOfSquares(tensor.To(DataType.F32)));
}
