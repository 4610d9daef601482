using Cria.Models;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>Which storage type each tensor of a model gets.</summary>
/// <remarks>
/// The name of a type stores every matrix in it. A name that ends in <c>_s</c>, <c>_m</c> or <c>_l</c> is a mix as llama.cpp's program
/// <c>llama-quantize</c> makes it: output, values and down projections, on which an answer depends most, get more bits.
/// A row that does not divide into a type's blocks is stored in the next type of about as many bits whose blocks are shorter.
/// </remarks>
public sealed class TypeMix
{
    /// <summary>The name under which each tensor keeps its type.</summary>
    public const string Keep = "keep";

    private static readonly Dictionary<string, TypeMix> ByName = Make().ToDictionary(mix => mix.Name);

    private readonly DataType? all;
    private readonly MixRules? rules;

    private TypeMix(string name, int fileType, DataType? all, MixRules? rules) => (Name, FileType, this.all, this.rules) = (name, fileType, all, rules);

    /// <summary>As it is asked for, such as <c>q4_k_m</c>.</summary>
    public string Name { get; }

    /// <summary>Every name, in the order in which help texts list them.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>GGUF's number for a file of this kind (<c>general.file_type</c>); −1 where only the tensors can tell.</summary>
    internal int FileType { get; }

    /// <summary>Whether every tensor keeps its type.</summary>
    internal bool KeepsTypes => all is null && rules is null;

    /// <summary>The one type of all matrices; null for a mix.</summary>
    internal DataType? Single => all;

    /// <summary>The mix of that name, or null.</summary>
    public static TypeMix? Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ByName.GetValueOrDefault(name.ToLowerInvariant());
    }

    /// <summary>The type of a matrix.</summary>
    /// <param name="name">Its name in a Hugging Face checkpoint.</param>
    /// <param name="columns">The numbers of a row.</param>
    /// <param name="from">The type that it has now.</param>
    /// <param name="config">The shape of the model.</param>
    internal DataType Of(string name, int columns, DataType from, LlamaConfig config)
    {
        if (rules is null)
            return BlockFallback.Fit(all ?? from, columns);
        bool isHead = name == LlamaShapes.Head || (config.TiedHead && name == LlamaShapes.Embedding);
        return isHead ? rules.Head(columns) : BlockFallback.Fit(rules.Of(name, config), columns);
    }

    private static IEnumerable<TypeMix> Make()
    {
        yield return new TypeMix(Keep, -1, null, null);
        foreach (var type in DataType.All)
            yield return new TypeMix(type.Name, FileTypeOf(type.Name), type, null);
        foreach (var rules in MixRules.All)
            yield return new TypeMix(rules.Name, rules.FileType, null, rules);
    }

    // llama_ftype of llama.cpp's public header.
    private static int FileTypeOf(string type) => type switch
    {
        "f32" => 0,
        "f16" => 1,
        "q4_0" => 2,
        "q4_1" => 3,
        "q8_0" => 7,
        "q5_0" => 8,
        "q5_1" => 9,
        "q2_k" => 10,
        "q3_k" => 11,
        "q4_k" => 14,
        "q5_k" => 16,
        "q6_k" => 18,
        "iq4_nl" => 25,
        "bf16" => 32,
        _ => -1,
    };
}
