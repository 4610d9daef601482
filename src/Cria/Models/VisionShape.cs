namespace Cria.Models;

/// <summary>Llama 3.2 Vision: a dense decoder, layers between its own that look at the image, and a tower that reads it.</summary>
/// <remarks>Hugging Face's <c>mllama</c> at 560 pixels: 40 layers of width 1280 over tiles of 40 by 40 patches of 14 pixels.</remarks>
public sealed record VisionShape : CountedShape
{
    private const long Width = 1_280, Inner = 5_120, TowerLayers = 40, GlobalLayers = 8, Positions = 1_601, Tiles = 4, AspectRatios = 9, Collected = 6;
    private const long ExtraTokens = 8;

    /// <summary>The text decoder.</summary>
    public required LlamaConfig Text { get; init; }

    /// <summary>The layers that look at the image.</summary>
    public required int CrossLayers { get; init; }

    /// <inheritdoc/>
    public override long ParameterCount => Text.ParameterCount + ExtraTokens * Text.HiddenSize + CrossLayers * CrossCount + TowerCount + ProjectorCount;

    /// <inheritdoc/>
    public override long ActiveParameterCount => ParameterCount;

    /// <inheritdoc/>
    public override long LinearCount => Text.Layers * BlockLinearCount + CrossLayers * BlockLinearCount;

    /// <inheritdoc/>
    public override string Summary => $"{Text.Layers} layers, {CrossLayers} more that look at the image, a vision tower of {(TowerCount + ProjectorCount) / 1e6:F0} M";

    private long BlockLinearCount => 2L * Text.HiddenSize * (Text.QuerySize + Text.KeySize) + 3L * Text.HiddenSize * Text.IntermediateSize;

    // Beside the linear layers: norms of the layer, of queries and of keys, and two gates.
    private long CrossCount => BlockLinearCount + 2L * Text.HiddenSize + 2 * Text.HeadSize + 2;

    // The last output of the tower beside five from within it, to the width of the text, with a bias.
    private long ProjectorCount => Collected * Width * Text.HiddenSize + Text.HiddenSize;

    private static long TowerCount
    {
        get
        {
            const long layer = 4 * Width * Width + 2 * Width * Inner + Inner + Width + 4 * Width;
            const long patches = 3 * 14 * 14 * Width, tileEmbeddings = 2 * (AspectRatios * Tiles * Width + 1);
            const long positions = Positions * Width + 1 + AspectRatios * Tiles * Positions * Width;
            return TowerLayers * layer + 2 * GlobalLayers + patches + Width + positions + tileEmbeddings + 4 * Width;
        }
    }
}
