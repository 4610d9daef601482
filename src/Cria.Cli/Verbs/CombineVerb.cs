using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Peft;

namespace Cria.Cli.Verbs;

/// <summary><c>cria combine MODEL --adapter A:0.5 --adapter B:0.5 --out DIR</c>: one adapter made of several.</summary>
internal sealed class CombineVerb
{
    private const string Linear = "linear", Concatenate = "concatenate";

    private readonly ModelOptions model;
    private readonly Option<string> how = new("--how")
    {
        Description = $"{Linear}: the weighted mean, tensor by tensor, of adapters of one method and shape. {Concatenate}: LoRAs of any ranks and layers side by side, which do exactly what they do together.",
        HelpName = "HOW",
        DefaultValueFactory = _ => Linear,
    };
    private readonly Option<string> folder = new("--out") { Description = "The folder to write, in peft's form.", HelpName = "DIR", Required = true };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Terminal terminal;

    private CombineVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, model) = (terminal, new ModelOptions(globals));

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new CombineVerb(terminal, globals);
        var command = new Command("combine", "Make one adapter of several, each with a weight: ADAPTER:0.5.") { verb.model.Model, verb.model.Adapters, verb.how, verb.folder, verb.json };
        command.Validators.Add(verb.Validate);
        command.SetAction((parsed, _) => Task.FromResult(verb.Run(parsed)));
        return command;
    }

    private void Validate(CommandResult result)
    {
        var problems = new Problems();
        problems.Unless(result.GetValue(model.Adapters) is { Length: > 0 }, "--adapter: name at least one.");
        problems.UnlessOneOf("--how", result.GetValue(how) ?? Linear, [Linear, Concatenate]);
        if (result.GetValue(folder) is { } target)
            problems.Unless(!Directory.Exists(target), $"--out: {target} is there already.");
        foreach (string problem in problems.Found)
            result.AddError(problem);
    }

    private int Run(ParseResult parsed)
    {
        var adapters = new List<Adapter>();
        using var llama = model.Open(parsed, terminal, (_, adapter) => adapters.Add(adapter));
        var combined = parsed.GetValue(how) == Concatenate ? Combination.Concatenate(llama.Model, adapters) : Combination.Linear(llama.Model, adapters);
        string target = parsed.GetRequiredValue(folder);
        AtomicFolder.Write(target, aside => HuggingFaceAdapter.Save(combined, aside, llama.Name));
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(new JsonObject { ["out"] = target, ["method"] = combined.Options.Method, ["parameters"] = combined.TrainedCount }, parsed, json, terminal);
        else
            terminal.Out.WriteLine($"{target}: {combined.Options.Method} of {combined.TrainedCount:N0} parameters, made of {adapters.Count}");
        return ExitCode.Done;
    }
}
