using System.CommandLine;
using Cria.Cli.Comparing;
using Cria.Cli.Display;
using Cria.Cli.Recipes;
using Cria.Cli.Sessions;
using Cria.Peft;

namespace Cria.Cli.Verbs;

/// <summary><c>cria compare [RECIPE.yaml] [key=value …]</c>: the same base, data and budget through several methods.</summary>
internal sealed class CompareVerb
{
    private readonly Argument<string[]> arguments = new("RECIPE.yaml key=value")
    {
        Description = "The recipe, and settings that stand in place of the recipe's. Without a recipe: cria-tiny and the task that ships inside.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string[]> methods = new("--methods") { Description = $"Which, separated by commas: {string.Join(", ", MethodPreset.All().Select(preset => preset.Name))}.", HelpName = "METHODS" };
    private readonly Option<int?> steps = new("--steps") { Description = "Train each for so many steps. [default: as the recipe says]", HelpName = "N" };
    private readonly Option<long?> tokens = new("--tokens") { Description = "Train each over about so many tokens.", HelpName = "N" };
    private readonly Option<double?> minutes = new("--minutes") { Description = "Train each for about so many minutes.", HelpName = "M" };
    private readonly Option<string?> folder = new("--out") { Description = "Where the runs, the table and the picture go. [default: the recipe's out]", HelpName = "DIR" };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly GlobalOptions globals;
    private readonly Terminal terminal;

    private CompareVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, this.globals) = (terminal, globals);

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new CompareVerb(terminal, globals);
        var command = new Command("compare", "Train one base on one data set with several methods, each with a learning rate that suits it, and put the results side by side.")
        {
            verb.arguments, verb.methods, verb.steps, verb.tokens, verb.minutes, verb.folder, verb.json,
        };
        command.SetAction(verb.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string[] typed = parsed.GetValue(arguments) ?? [];
        var recipes = typed.Where(word => !word.Contains('=') || File.Exists(word)).ToList();
        if (recipes.Count > 1)
            throw new UsageException($"{recipes[1]}: a second recipe; a comparison has one. Settings are written key=value.");
        var budget = new Budget(parsed.GetValue(steps), parsed.GetValue(tokens), parsed.GetValue(minutes));
        var (read, files) = recipes is [var path] ? Named(path) : SampleTask.Recipe("compare.yaml");
        var recipe = new CompareRecipe(read, [.. files, .. typed.Except(recipes)], Names(parsed));
        string place = parsed.GetValue(folder) ?? recipe.Out ?? Path.Combine("runs", "compare");
        Check(recipe, budget, place);

        var comparison = new Comparison(recipe, budget, place, globals.DeviceOf(parsed, terminal), terminal);
        try
        {
            await comparison.RunAsync(stop);
        }
        finally
        {
            Write(comparison, parsed, place);
        }
        return comparison.Results.Any(result => result.Failure is not null) ? ExitCode.Failed : ExitCode.Done;
    }

    private static (Action<RecipeFile> Read, IReadOnlyList<string> Settings) Named(string path) => (file => file.Read(path), []);

    // Whatever is there, also when it was interrupted.
    private void Write(Comparison comparison, ParseResult parsed, string place)
    {
        if (comparison.Results.Count == 0)
            return;
        if (JsonAnswer.IsAsked(parsed, json))
        {
            JsonAnswer.Write(comparison.ToJson(), parsed, json, terminal);
            return;
        }
        new ComparisonTable(comparison.Exam).Write(comparison.Results, terminal.Out);
        terminal.Out.WriteLine($"The runs, {Comparison.ResultFile} and {Comparison.PictureFile} are in {place}.");
    }

    private static void Check(CompareRecipe recipe, Budget budget, string place)
    {
        var problems = new Problems();
        budget.Validate(problems);
        foreach (string problem in recipe.Problems)
            problems.Add(problem);
        recipe.Contenders(place, problems);
        problems.Unless(!File.Exists(Path.Combine(place, Comparison.ResultFile)), $"--out: {place} holds a comparison already: choose another folder.");
        problems.ThrowIfAny();
    }

    private string[] Names(ParseResult parsed) =>
        [.. (parsed.GetValue(methods) ?? []).SelectMany(word => word.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
