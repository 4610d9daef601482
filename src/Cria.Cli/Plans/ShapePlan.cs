using Cria.Models;
using Cria.Peft;
using Cria.Planning;
using Cria.Tensors;

namespace Cria.Cli.Plans;

/// <summary>The plans of all methods for one shape, from the fewest trained parameters to the most.</summary>
/// <param name="Name">The shape or the model.</param>
/// <param name="Config">Its sizes.</param>
/// <param name="Bases">How the base may be stored.</param>
/// <param name="Methods">The methods.</param>
internal sealed record ShapePlan(string Name, LlamaConfig Config, IReadOnlyList<Base> Bases, IReadOnlyList<PlannedMethod> Methods)
{
    /// <summary>Plans every method that was asked for.</summary>
    public static ShapePlan Make(string name, LlamaConfig config, IReadOnlyList<Base> bases, PlanRequest request)
    {
        var planner = new Planner(config, new() { Optimizer = request.Optimizer });
        var methods = request.Presets().Select(preset => new PlannedMethod(preset, planner.Plan(preset.Options, request.MicroBatch, request.Length)));
        return new ShapePlan(name, config, bases, [.. methods.OrderBy(method => method.Plan.TrainedCount)]);
    }
}

/// <summary>A way to store the base.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Type">The type of the linear layers; null for a base as it is stored.</param>
/// <param name="Bytes">What of it stays in memory beside a method.</param>
internal sealed record Base(string Name, DataType? Type, Func<MethodPlan, long> Bytes)
{
    public static Base Of(DataType type) => new(type.Name, type, plan => plan.WeightBytes(type));
}

/// <summary>One row.</summary>
internal sealed record PlannedMethod(MethodPreset Preset, MethodPlan Plan)
{
    /// <summary>Whether the method goes with a base: QLoRA is one over its own, and where everything is trained nothing is left in blocks.</summary>
    public bool Goes(Base with) =>
        (Preset.BaseType is null || with.Name == Preset.BaseType) && !(Plan.TrainsEverything && with.Type is { IsFloat: false });

    public long Total(Base with, bool recompute) => with.Bytes(Plan) + Plan.BytesBesideBase(recompute);

    /// <summary><c>yes</c>, <c>recompute</c> where only with recomputation, or <c>no</c>.</summary>
    public string Fits(Base with, long card) => Total(with, false) <= card ? "yes" : Total(with, true) <= card ? "recompute" : "no";
}
