using System.Globalization;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>One of llama.cpp's mixes for a dense LLaMA: what most matrices get, and which layers get more.</summary>
/// <param name="Name">The mix.</param>
/// <param name="FileType">Its number in <c>general.file_type</c>.</param>
/// <param name="Base">The type of every matrix that no rule names.</param>
/// <param name="Value">The type of <c>v_proj</c> in a layer, of how many.</param>
/// <param name="Down">The type of <c>down_proj</c> in a layer, of how many.</param>
/// <param name="Output">The type of <c>o_proj</c>.</param>
internal sealed record MixRules(
    string Name, int FileType, string Base, Func<int, int, string> Value, Func<int, int, string> Down, string Output)
{
    private const int LayersOf70B = 80;

    /// <summary>Every mix. This list is the catalogue.</summary>
    public static IReadOnlyList<MixRules> All =>
    [
        new("q3_k_s", 11, "q3_k", (_, _) => "q3_k", (_, _) => "q3_k", "q3_k"),
        new("q3_k_m", 12, "q3_k", (i, _) => i < 2 ? "q5_k" : "q4_k", (i, n) => i < n / 16 ? "q5_k" : "q4_k", "q4_k"),
        new("q3_k_l", 13, "q3_k", (_, _) => "q5_k", (_, _) => "q5_k", "q5_k"),
        new("q4_k_s", 14, "q4_k", (i, _) => i < 4 ? "q5_k" : "q4_k", (i, n) => i < n / 8 ? "q5_k" : "q4_k", "q4_k"),
        new("q4_k_m", 15, "q4_k", (i, n) => NeedsMore(i, n) ? "q6_k" : "q4_k", (i, n) => NeedsMore(i, n) ? "q6_k" : "q4_k", "q4_k"),
        new("q5_k_s", 16, "q5_k", (_, _) => "q5_k", (_, _) => "q5_k", "q5_k"),
        new("q5_k_m", 17, "q5_k", (i, n) => NeedsMore(i, n) ? "q6_k" : "q5_k", (i, n) => NeedsMore(i, n) ? "q6_k" : "q5_k", "q5_k"),
    ];

    /// <summary>The type of the output head, and of an embedding that is the head, too.</summary>
    public DataType Head(int columns)
    {
        bool fits = columns % DataType.Parse(Base)!.BlockLength == 0;
        return BlockFallback.Fit(fits ? DataType.Parse("q6_k")! : DataType.Q8, columns);
    }

    /// <summary>The type of another matrix.</summary>
    public DataType Of(string name, LlamaConfig config) => DataType.Parse(NameOf(name, config))!;

    private string NameOf(string name, LlamaConfig config)
    {
        string[] parts = name.Split('.');
        if (parts is not ["model", "layers", var number, _, var part, "weight"])
            return Base;
        int layer = int.Parse(number, CultureInfo.InvariantCulture);
        return part switch
        {
            "v_proj" => ForManyReaders(Value(layer, config.Layers), config),
            "down_proj" => Down(layer, config.Layers),
            "o_proj" => Output,
            _ => Base,
        };
    }

    // In the 70B models eight heads read the same values, which are an eighth of the queries' size: more bits there cost next to nothing.
    private static string ForManyReaders(string type, LlamaConfig config) =>
        config.Layers == LayersOf70B && config.KeyValueHeads != config.Heads && type is "q3_k" or "q4_k" ? "q5_k" : type;

    // The first and the last eighth of the layers, and every third one between.
    private static bool NeedsMore(int layer, int layers) =>
        layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}
