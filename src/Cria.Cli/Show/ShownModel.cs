using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;

namespace Cria.Cli.Show;

/// <summary>What <c>cria show</c> tells of a model. No weight is read for it.</summary>
internal static class ShownModel
{
    public static JsonObject Of(string name, string place)
    {
        using var model = LlamaDescription.Open(place);
        var checkpoint = model.Checkpoint;
        var answer = new JsonObject { ["name"] = name, ["kind"] = "model", ["format"] = checkpoint.Format };
        foreach (var (key, value) in model.Config is { } config ? Settings(config) : KnownFromTensors(checkpoint))
            answer[key] = value?.DeepClone();
        answer["tokenizer"] = model.Tokenizer is { } tokenizer ? ShownTokenizer.Of(tokenizer) : null;
        answer["template"] = model.Template.ToString();
        ShownTensors.AddTo(answer, [.. checkpoint.Tensors.Values]);
        return answer;
    }

    private static JsonObject Settings(LlamaConfig config) => new()
    {
        ["shape"] = ShapeName.Of(config) is { Count: > 0 } names ? JsonAnswer.Array(names, name => JsonValue.Create(name)) : null,
        ["layers"] = config.Layers,
        ["hidden_size"] = config.HiddenSize,
        ["heads"] = config.Heads,
        ["key_value_heads"] = config.KeyValueHeads,
        ["head_size"] = config.HeadSize,
        ["intermediate_size"] = config.IntermediateSize,
        ["vocabulary_size"] = config.VocabularySize,
        ["context_length"] = config.ContextLength,
        ["rotary_base"] = config.RotaryBase,
        ["rotary_scaling"] = config.RotaryScaling?.ToJson(),
        ["tied_head"] = config.TiedHead,
        ["parameters"] = config.ParameterCount,
        ["active_parameters"] = config.ParameterCount,
    };

    private static JsonObject KnownFromTensors(Checkpoint checkpoint)
    {
        var known = KnownShape.Of(checkpoint);
        return new JsonObject
        {
            ["layers"] = known.Layers,
            ["hidden_size"] = known.HiddenSize,
            ["query_size"] = known.QuerySize,
            ["key_size"] = known.KeySize,
            ["intermediate_size"] = known.IntermediateSize,
            ["vocabulary_size"] = known.VocabularySize,
            ["tied_head"] = known.Layers is null ? null : known.TiedHead,
            ["parameters"] = checkpoint.Tensors.Values.Sum(tensor => tensor.Shape.Length),
            ["missing"] = "heads, epsilon of the norms and rotary base, which tensors do not tell: to run it, put its config.json or params.json beside the file",
        };
    }
}
