namespace Cria.Models;

/// <summary>The text decoder of Llama 4: attention as in a dense one, a router and experts in some or all layers.</summary>
/// <remarks>Meta's llama-models, <c>models/llama4</c>. Each mixture layer has one shared expert that all tokens pass.</remarks>
public sealed record MixtureShape : CountedShape
{
    /// <summary>Width, layers, heads and vocabulary; the feed-forward width is that of the layers without experts.</summary>
    public required LlamaConfig Dense { get; init; }

    /// <summary>E: the routed experts of a layer, one of which a token passes.</summary>
    public required int Experts { get; init; }

    /// <summary>The layers with experts.</summary>
    public required int MixtureLayers { get; init; }

    /// <summary>The width of an expert.</summary>
    public required int ExpertSize { get; init; }

    /// <inheritdoc/>
    public override long ParameterCount => Count(Experts);

    /// <inheritdoc/>
    public override long ActiveParameterCount => Count(1);

    /// <inheritdoc/>
    public override long LinearCount => ParameterCount - MixtureLayers * RouterCount - (2L * Dense.Layers + 1 + 2L * Dense.VocabularySize) * Dense.HiddenSize;

    /// <inheritdoc/>
    public override string Summary => $"{Dense.Layers} layers, {MixtureLayers} of them with {Experts} experts";

    private long RouterCount => (long)Experts * Dense.HiddenSize;

    private long ExpertCount => 3L * Dense.HiddenSize * ExpertSize;

    private long Count(int experts) => Dense.ParameterCount
        + MixtureLayers * (RouterCount + (experts + 1) * ExpertCount - 3L * Dense.HiddenSize * Dense.IntermediateSize);
}
