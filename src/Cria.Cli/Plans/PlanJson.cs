using System.Text.Json.Nodes;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Cli.Plans;

/// <summary>A plan as JSON: all numbers exact, sizes in bytes.</summary>
internal sealed class PlanJson(PlanRequest request, TrainingSpeed? speed)
{
    public JsonObject Answer(IEnumerable<JsonObject> plans) => new()
    {
        ["batch"] = request.Batch,
        ["length"] = request.Length,
        ["micro_batch"] = request.MicroBatch,
        ["optimizer"] = request.Optimizer,
        ["flop_per_second"] = speed?.FlopPerSecond,
        ["card_bytes"] = request.CardBytes,
        ["plans"] = JsonAnswer.Array(plans, plan => plan),
    };

    public JsonObject Of(ShapePlan plan)
    {
        var json = Counts(plan.Name, plan.Config.ParameterCount, plan.Config.ParameterCount, plan.Bases.Where(one => one.Type is not null)
            .Select(one => KeyValuePair.Create(one.Name, Planning.WeightBytes.Of(plan.Config, one.Type!))));
        json["methods"] = JsonAnswer.Array(plan.Methods, method => Of(method, plan.Bases));
        return json;
    }

    public static JsonObject Of(string name, CountedShape shape) => Counts(
        name, shape.ParameterCount, shape.ActiveParameterCount, DataType.All.Select(type => KeyValuePair.Create(type.Name, shape.WeightBytes(type))));

    private static JsonObject Counts(string name, long all, long active, IEnumerable<KeyValuePair<string, long>> weights) => new()
    {
        ["name"] = name,
        ["parameters"] = all,
        ["active_parameters"] = active,
        ["weight_bytes"] = Numbers(weights),
    };

    private JsonObject Of(PlannedMethod method, IReadOnlyList<Base> bases)
    {
        var fitting = bases.Where(method.Goes).ToList();
        var json = new JsonObject
        {
            ["name"] = method.Preset.Name,
            ["method"] = method.Preset.Options.Method,
            ["trained_parameters"] = method.Plan.TrainedCount,
            ["share"] = method.Plan.Share,
            ["file_bytes"] = method.Plan.FileBytes,
            ["state_bytes"] = method.Plan.StateBytes,
            ["activation_bytes"] = method.Plan.ActivationBytes,
            ["recomputed_activation_bytes"] = method.Plan.RecomputedActivationBytes,
            ["flop_per_token"] = Math.Round(method.Plan.Flop / (request.MicroBatch * (long)request.Length)),
            ["step_seconds"] = request.StepSeconds(method, speed!),
            ["base_bytes"] = Numbers(fitting.Select(one => KeyValuePair.Create(one.Name, one.Bytes(method.Plan)))),
            ["total_bytes"] = Numbers(fitting.Select(one => KeyValuePair.Create(one.Name, method.Total(one, recompute: false)))),
            ["recomputed_total_bytes"] = Numbers(fitting.Select(one => KeyValuePair.Create(one.Name, method.Total(one, recompute: true)))),
        };
        if (request.CardBytes is { } card)
            json["fits"] = new JsonObject(fitting.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)method.Fits(one, card))));
        return json;
    }

    private static JsonObject Numbers(IEnumerable<KeyValuePair<string, long>> numbers) =>
        new(numbers.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
}
