using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Cli.Recipes;
using Cria.Cli.Sessions;

namespace Cria.Cli.Verbs;

/// <summary><c>cria train RECIPE.yaml [key=value …]</c>: fine-tunes, or goes on with a run.</summary>
internal sealed class TrainVerb
{
    private readonly Argument<string[]> arguments = new("RECIPE.yaml key=value")
    {
        Description = "The recipe, and settings that stand in place of the recipe's, such as train.learning_rate=1e-4.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string?> resume = new("--resume") { Description = "Go on with the run in this folder, from its newest checkpoint. Without RECIPE.yaml, with its own recipe.", HelpName = "DIR" };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Train nothing: show every setting with its origin, the memory it will take, and the first sample with what is learned of it." };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly GlobalOptions globals;
    private readonly Terminal terminal;

    private TrainVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, this.globals) = (terminal, globals);

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new TrainVerb(terminal, globals);
        var command = new Command("train", "Fine-tune a model as a recipe says.") { verb.arguments, verb.resume, verb.dryRun, verb.json };
        command.SetAction(verb.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string? resumed = parsed.GetValue(resume);
        var recipe = ReadRecipe(parsed.GetValue(arguments) ?? [], resumed);
        using var session = TrainingSession.Open(recipe, globals.DeviceOf(parsed, terminal), terminal, stop);
        if (parsed.GetValue(dryRun))
        {
            var dry = new DryRun(session, terminal.Colour);
            if (JsonAnswer.IsAsked(parsed, json))
                JsonAnswer.Write(dry.AsJson(), parsed, json, terminal);
            else
                dry.Write(terminal.Out);
            return ExitCode.Done;
        }

        var summary = await session.TrainAsync(resumed is not null, stop);
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(AsJson(summary), parsed, json, terminal);
        else
            terminal.Out.WriteLine(summary.ToString());
        return ExitCode.Done;
    }

    private static Recipe ReadRecipe(string[] typed, string? resumed)
    {
        // A word with "=" is a setting, unless it is a file.
        var files = typed.Where(word => !word.Contains('=') || File.Exists(word)).ToList();
        if (files.Count > 1)
            throw new UsageException($"{files[1]}: a second recipe; a run has one. Settings are written key=value.");
        if (files.Count == 0 && resumed is null)
            throw new UsageException("RECIPE.yaml: name a recipe, or --resume the folder of a run.");

        string recipe = files.FirstOrDefault() ?? Path.Combine(resumed!, TrainingSession.RecipeFile);
        if (files.Count == 0 && !File.Exists(recipe))
            throw new UsageException($"--resume: {resumed} is not the folder of a run: there is no {TrainingSession.RecipeFile} in it.");

        var settings = typed.Except(files).ToList();
        if (resumed is not null)
            settings.Add($"out={Setting.Quote(resumed)}");     // a name is no YAML, whatever letters it has
        return RecipeReader.Read(recipe, settings);
    }

    private static JsonObject AsJson(TrainingSummary summary) => new()
    {
        ["run"] = summary.Run,
        ["steps"] = summary.Steps,
        ["loss"] = summary.Loss,
        ["validation_loss"] = summary.ValidationLoss,
        ["trained_parameters"] = summary.TrainedParameters,
        ["seconds"] = Math.Round(summary.Seconds, 1),
    };
}
