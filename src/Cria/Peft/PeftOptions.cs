using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Cria.Models;

namespace Cria.Peft;

/// <summary>A fine-tuning method and its settings. This list is the catalogue: one line registers a method.</summary>
/// <remarks>Settings are get/set, not init: the JSON source generator would set what a file leaves out to zero instead of its default.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "method", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(LoraOptions), "lora")]
[JsonDerivedType(typeof(LlamaAdapterOptions), "llama-adapter")]
[JsonDerivedType(typeof(LlamaAdapterV2Options), "llama-adapter-v2")]
[JsonDerivedType(typeof(ExcitorOptions), "excitor")]
[JsonDerivedType(typeof(NormsOptions), "norms")]
[JsonDerivedType(typeof(BiasOptions), "bias")]
[JsonDerivedType(typeof(FullOptions), "full")]
public abstract record PeftOptions
{
    /// <summary>The names of all methods, as recipes spell them.</summary>
    public static IReadOnlyList<string> Methods { get; } =
        [.. PeftJson.Default.PeftOptions.PolymorphismOptions!.DerivedTypes.Select(type => (string)type.TypeDiscriminator!)];

    /// <summary>The name of this method, as recipes spell it; that of the type for one from outside of the library.</summary>
    [JsonIgnore]
    public string Method => PeftJson.Default.PeftOptions.PolymorphismOptions!.DerivedTypes
        .Where(type => type.DerivedType == GetType()).Select(type => (string)type.TypeDiscriminator!).FirstOrDefault(GetType().Name);

    /// <summary>Adds every reason why these settings cannot work; adds nothing when they can.</summary>
    public abstract void Validate(Problems problems);

    /// <summary>Attaches the method to a model, and returns what is to be trained.</summary>
    /// <param name="model">The base, whose own weights stay as they are.</param>
    /// <param name="seed">The same seed gives the same initial numbers.</param>
    public abstract Adapter Attach(LlamaModel model, ulong seed);

    /// <summary>How many times the learning rate a tensor moves with.</summary>
    internal virtual double LearningRateFactor(Parameter parameter) => 1;

    /// <summary>What it reads of an image, over a base of this shape; null where it reads none.</summary>
    internal virtual ImageShape? Images(LlamaConfig config) => null;

    /// <summary>Whether batches that show images and batches that show none each move tensors of their own.</summary>
    internal virtual bool IsJoint => false;

    /// <summary>Whether a batch that shows images, or one that shows none, moves a tensor.</summary>
    internal virtual bool Moves(Parameter parameter, bool showsImages) => true;

    /// <summary>The settings as <c>adapter_config.json</c> has them: as recipes spell them, unless the method has a form that others know.</summary>
    internal virtual JsonObject ToConfig(Adapter adapter, string baseModel) => AdapterConfig.OfSettings(this);

    /// <summary>Why this method cannot be folded into the weights of the base, or null.</summary>
    internal virtual string? Unmergeable => null;

    /// <summary>Why training this adapter could never move it, or null: asked before the first step.</summary>
    internal virtual string? Stalled(Adapter adapter) => null;
}

/// <summary>Settings as JSON, in the words of recipes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true)]
[JsonSerializable(typeof(PeftOptions))]
[JsonSerializable(typeof(JsonObject))]
public sealed partial class PeftJson : JsonSerializerContext;
