using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Cli.Plans;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Cli.Verbs;

/// <summary><c>cria plan MODEL|--shape NAME</c>: what every method trains and what it takes, before anything is loaded.</summary>
internal sealed class PlanVerb
{
    private static readonly PlanRequest Defaults = new();

    private readonly Argument<string?> model = new("MODEL") { Description = "A model, whose weights are not read.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string[]> shapes = List("--shape", "NAME", "A published shape, such as llama-3.1-8b; all takes every one.");
    private readonly Option<string[]> methods = List("--method", "METHOD", $"Only these: {string.Join(", ", MethodPreset.All().Select(preset => preset.Name))}.");
    private readonly Option<int?> rank = new("--rank") { Description = "The rank of the methods that have one, instead of each one's usual rank.", HelpName = "R" };
    private readonly Option<int> batch = Number("--batch", "Sequences of one step.", Defaults.Batch);
    private readonly Option<int> length = Number("--length", "Tokens of a sequence.", Defaults.Length);
    private readonly Option<int> microBatch = Number("--micro-batch", "Sequences that go through the model at once.", Defaults.MicroBatch);
    private readonly Option<string[]> types = List("--type", "TYPE", $"How the base is stored, a column each: {string.Join(", ", DataType.All.Select(type => type.Name))}.");
    private readonly Option<string> optimizer = new("--optimizer") { Description = $"{string.Join(", ", TrainingOptions.Optimizers)}.", HelpName = "NAME", DefaultValueFactory = _ => Defaults.Optimizer };
    private readonly Option<bool> recompute = new("--recompute") { Description = "Add up with activations that are computed again." };
    private readonly Option<string?> card = new("--card") { Description = "Say what fits a memory of this size, such as 24GB.", HelpName = "SIZE" };
    private readonly Option<double?> speed = new("--gflops") { Description = "What training computes at, for the seconds of a step. [default: half of this machine's limit, which is measured]", HelpName = "N" };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly GlobalOptions globals;
    private readonly Terminal terminal;

    private PlanVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, this.globals) = (terminal, globals);

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new PlanVerb(terminal, globals);
        var command = new Command("plan", "What every method trains and what it takes: parameters, file, time, memory, side by side. No weights are loaded.")
        {
            verb.model, verb.shapes, verb.methods, verb.rank, verb.batch, verb.length, verb.microBatch, verb.types, verb.optimizer, verb.recompute, verb.card, verb.speed, verb.json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var request = Read(parsed);
        var problems = new Problems();
        request.Validate(problems);
        problems.ThrowIfAny();
        if (JsonAnswer.IsAsked(parsed, json))
            WriteJson(request, parsed);
        else
            WriteText(request, parsed);
        return ExitCode.Done;
    }

    private PlanRequest Read(ParseResult parsed) => new()
    {
        Model = parsed.GetValue(model),
        Shapes = Words(parsed, shapes),
        Methods = Words(parsed, methods),
        Rank = parsed.GetValue(rank),
        Batch = parsed.GetValue(batch),
        Length = parsed.GetValue(length),
        MicroBatch = parsed.GetValue(microBatch),
        Types = Words(parsed, types),
        Optimizer = parsed.GetValue(optimizer)!,
        Recompute = parsed.GetValue(recompute),
        Card = parsed.GetValue(card),
        Speed = parsed.GetValue(speed),
    };

    // Shapes that are counted only need none.
    private TrainingSpeed? Speed(PlanRequest request, ParseResult parsed)
    {
        if (request.Model is null && !request.ShapeNames.Any(NamedShapes.All.ContainsKey))
            return null;
        if (request.Speed is { } named)
            return TrainingSpeed.Named(named);
        using var device = globals.DeviceOf(parsed, terminal).Open();
        return TrainingSpeed.Measure(device);
    }

    private void WriteText(PlanRequest request, ParseResult parsed)
    {
        var table = new PlanTable(request, Speed(request, parsed), terminal.Out);
        foreach (string name in request.ShapeNames.Where(NamedShapes.Counted.ContainsKey))
        {
            table.Write(name, NamedShapes.Counted[name]);
            terminal.Out.WriteLine();
        }
        bool any = false;
        foreach (var plan in Plans(request, request.Model is null ? UsualTypes.OfShapes : UsualTypes.OfModels))
        {
            table.Write(plan);
            terminal.Out.WriteLine();
            any = true;
        }
        if (any)
            table.WriteAssumptions();
    }

    private void WriteJson(PlanRequest request, ParseResult parsed)
    {
        var answer = new PlanJson(request, Speed(request, parsed));
        var counted = request.ShapeNames.Where(NamedShapes.Counted.ContainsKey).Select(name => PlanJson.Of(name, NamedShapes.Counted[name]));
        JsonNode plans = answer.Answer([.. Plans(request, DataType.All).Select(answer.Of), .. counted]);
        JsonAnswer.Write(plans, parsed, json, terminal);
    }

    private static IEnumerable<ShapePlan> Plans(PlanRequest request, IReadOnlyList<DataType> usual)
    {
        var bases = (request.Types.Count > 0 ? request.Types.Select(name => DataType.Parse(name)!) : usual).Select(Base.Of).ToList();
        if (request.Model is { } model)
            yield return OfModel(model, bases, request);
        foreach (string name in request.ShapeNames.Where(NamedShapes.All.ContainsKey))
            yield return ShapePlan.Make(name, NamedShapes.All[name], bases, request);
    }

    private static ShapePlan OfModel(string model, IReadOnlyList<Base> bases, PlanRequest request)
    {
        using var llama = ModelCache.Open(model, new LlamaOptions { Threads = 1 });
        var problems = new Problems();
        request.ValidateContext(model, llama.Model.Config, problems);
        problems.ThrowIfAny();
        var stored = llama.Checkpoint.Tensors.Values.ToList();
        var asStored = new Base("stored", null, plan => plan.WeightBytes(stored));
        return ShapePlan.Make(model, llama.Model.Config, [asStored, .. bases.Where(one => request.Types.Count > 0 || one.Type != DataType.F32)], request);
    }

    // Both --method lora,dora and --method lora --method dora.
    private static string[] Words(ParseResult parsed, Option<string[]> option) =>
        [.. (parsed.GetValue(option) ?? []).SelectMany(word => word.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct()];

    private static Option<string[]> List(string name, string help, string description) => new(name) { Description = description, HelpName = help };

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
}
