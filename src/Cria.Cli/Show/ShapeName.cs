using Cria.Models;

namespace Cria.Cli.Show;

/// <summary>Which published model has a shape.</summary>
internal static class ShapeName
{
    // Fine-tuned models add some tokens of their own, and round the number up.
    private const int AddedTokens = 1_024;

    /// <summary>The published models of this shape; those with the same context and rotary embedding alone, where there are such.</summary>
    public static IReadOnlyList<string> Of(LlamaConfig config)
    {
        var alike = NamedShapes.All.Where(shape => IsAlike(shape.Value, config)).ToList();
        var same = alike.Where(shape => shape.Value.ContextLength == config.ContextLength && shape.Value.RotaryBase == config.RotaryBase
            && Equals(shape.Value.RotaryScaling, config.RotaryScaling)).ToList();
        return [.. (same.Count > 0 ? same : alike).Select(shape => shape.Key)];
    }

    private static bool IsAlike(LlamaConfig published, LlamaConfig config) =>
        (published.HiddenSize, published.Layers, published.Heads, published.KeyValueHeads, published.HeadSize, published.IntermediateSize)
            == (config.HiddenSize, config.Layers, config.Heads, config.KeyValueHeads, config.HeadSize, config.IntermediateSize)
        && config.VocabularySize - published.VocabularySize is >= 0 and <= AddedTokens;
}
