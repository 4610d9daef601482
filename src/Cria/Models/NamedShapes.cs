namespace Cria.Models;

/// <summary>The published shapes by name, for benchmarks and plans that need no weights.</summary>
/// <remarks>Meta's model cards and llama-models; the two bench shapes are those of the performance tables.</remarks>
public static class NamedShapes
{
    private static readonly Llama3RotaryScaling Times8 = new(8, 1, 4, 8_192);
    private static readonly Llama3RotaryScaling Times32 = new(32, 1, 4, 8_192);

    /// <summary>Every name with its shape.</summary>
    public static IReadOnlyDictionary<string, LlamaConfig> All { get; } = new Dictionary<string, LlamaConfig>
    {
        ["llama-110m"] = Llama2(768, 12, 12, 2_048),
        ["llama-1.1b"] = Llama2(2_048, 22, 32, 5_632, keyValueHeads: 4),
        ["llama-1-7b"] = Llama1(4_096, 32, 32, 11_008),
        ["llama-1-13b"] = Llama1(5_120, 40, 40, 13_824),
        ["llama-1-33b"] = Llama1(6_656, 60, 52, 17_920),
        ["llama-1-65b"] = Llama1(8_192, 80, 64, 22_016) with { RmsNormEpsilon = 1e-5f },
        ["llama-2-7b"] = Llama2(4_096, 32, 32, 11_008),
        ["llama-2-13b"] = Llama2(5_120, 40, 40, 13_824),
        ["llama-2-34b"] = Llama2(8_192, 48, 64, 22_016, keyValueHeads: 8),
        ["llama-2-70b"] = Llama2(8_192, 80, 64, 28_672, keyValueHeads: 8),
        ["code-llama-7b"] = CodeLlama(4_096, 32, 32, 11_008, 32_016),
        ["code-llama-13b"] = CodeLlama(5_120, 40, 40, 13_824, 32_016),
        ["code-llama-34b"] = CodeLlama(8_192, 48, 64, 22_016, 32_000, keyValueHeads: 8),
        ["code-llama-70b"] = CodeLlama(8_192, 80, 64, 28_672, 32_016, keyValueHeads: 8),
        ["llama-3-8b"] = Llama3(4_096, 32, 32, 14_336, 8_192, null),
        ["llama-3-70b"] = Llama3(8_192, 80, 64, 28_672, 8_192, null),
        ["llama-3.1-8b"] = Llama3(4_096, 32, 32, 14_336, 131_072, Times8),
        ["llama-3.1-70b"] = Llama3(8_192, 80, 64, 28_672, 131_072, Times8),
        ["llama-3.1-405b"] = Llama3(16_384, 126, 128, 53_248, 131_072, Times8),
        ["llama-3.2-1b"] = Llama3(2_048, 16, 32, 8_192, 131_072, Times32) with { TiedHead = true },
        ["llama-3.2-3b"] = Llama3(3_072, 28, 24, 8_192, 131_072, Times32) with { TiedHead = true },
        ["llama-3.3-70b"] = Llama3(8_192, 80, 64, 28_672, 131_072, Times8),
    };

    /// <summary>Published models that are more than a dense decoder, with their counts.</summary>
    public static IReadOnlyDictionary<string, CountedShape> Counted { get; } = new Dictionary<string, CountedShape>
    {
        ["llama-3.2-11b-vision"] = new VisionShape { Text = All["llama-3.1-8b"], CrossLayers = 8 },
        ["llama-3.2-90b-vision"] = new VisionShape { Text = All["llama-3.1-70b"], CrossLayers = 20 },
        ["llama-4-scout"] = new MixtureShape { Dense = Llama4, MixtureLayers = 48, Experts = 16, ExpertSize = 8_192 },
        ["llama-4-maverick"] = new MixtureShape { Dense = Llama4, MixtureLayers = 24, Experts = 128, ExpertSize = 8_192 },
    };

    /// <summary>Names of models whose shape was never published, with what is known.</summary>
    public static IReadOnlyDictionary<string, string> Unpublished { get; } = new Dictionary<string, string>
    {
        ["llama-4-behemoth"] = "Meta announced 288 B active parameters, 16 experts and about 2 T parameters in all, but published neither weights nor sizes of layers: there is nothing to count.",
    };

    private static LlamaConfig Llama4 => Shape(5_120, 48, 40, 8, 16_384, 202_048, 10_485_760);

    private static LlamaConfig Llama1(int hidden, int layers, int heads, int intermediate) =>
        Shape(hidden, layers, heads, heads, intermediate, 32_000, 2_048) with { RmsNormEpsilon = 1e-6f };

    private static LlamaConfig Llama2(int hidden, int layers, int heads, int intermediate, int? keyValueHeads = null) =>
        Shape(hidden, layers, heads, keyValueHeads ?? heads, intermediate, 32_000, 4_096);

    private static LlamaConfig CodeLlama(int hidden, int layers, int heads, int intermediate, int vocabulary, int? keyValueHeads = null) =>
        Shape(hidden, layers, heads, keyValueHeads ?? heads, intermediate, vocabulary, 16_384) with { RotaryBase = 1_000_000 };

    private static LlamaConfig Llama3(int hidden, int layers, int heads, int intermediate, int context, RotaryScaling? scaling) =>
        Shape(hidden, layers, heads, 8, intermediate, 128_256, context) with { RotaryBase = 500_000, RotaryScaling = scaling };

    private static LlamaConfig Shape(int hidden, int layers, int heads, int keyValueHeads, int intermediate, int vocabulary, int context) => new()
    {
        HiddenSize = hidden,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadSize = hidden / heads,
        IntermediateSize = intermediate,
        VocabularySize = vocabulary,
        ContextLength = context,
    };
}
