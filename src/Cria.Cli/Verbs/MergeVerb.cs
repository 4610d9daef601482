using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using Cria.Conversion;
using Cria.Tensors;

namespace Cria.Cli.Verbs;

/// <summary><c>cria merge MODEL --adapter A … --out OUT</c>: adapters folded into the weights, and what that cost.</summary>
internal sealed class MergeVerb
{
    private readonly Argument<string> model = new("MODEL") { Description = "The base." };
    private readonly Option<string[]> adapters = new("--adapter")
    {
        Description = "An adapter in any form; ADAPTER:0.5 folds in half of it. May be given several times.",
        HelpName = "ADAPTER",
        Required = true,
    };
    private readonly Option<string?> onto = new("--onto")
    {
        Description = "For an adapter trained over quantised weights: dequantized folds it into just those, original into the ones from before, given as MODEL. [default: dequantized where MODEL is quantised or --base-type is given]",
        HelpName = "WHICH",
    };
    private readonly Option<string?> baseType = new("--base-type") { Description = "What training brought a base of full precision to (base.type of the recipe), such as nf4-dq.", HelpName = "TYPE" };
    private readonly Option<string?> text = new Option<string?>("--text") { Description = "The text to measure the cost on. [default: a page that ships inside]", HelpName = "FILE" }.Read();
    private readonly ConversionArguments arguments;

    private MergeVerb(Terminal terminal, GlobalOptions globals) => arguments = new ConversionArguments(terminal, globals);

    private static string[] Targets => ["dequantized", "original"];

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new MergeVerb(terminal, globals);
        var command = new Command("merge", "Fold adapters into a model's weights, and say in perplexity what that cost.")
        {
            verb.model, verb.adapters, verb.onto, verb.baseType, verb.text,
        };
        foreach (var option in verb.arguments.All)
            command.Add(option);
        command.Validators.Add(verb.Validate);
        command.SetAction(verb.RunAsync);
        return command;
    }

    private void Validate(CommandResult result)
    {
        var problems = new Problems();
        if (result.GetValue(onto) is { } target)
            problems.UnlessOneOf("--onto", target, Targets);
        if (result.GetValue(baseType) is { } type)
            problems.UnlessOneOf("--base-type", type, [.. DataType.All.Select(known => known.Name)]);
        foreach (string problem in problems.Found)
            result.AddError(problem);
        arguments.Validate(result);
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var report = arguments.Run(parsed, conversion => ModelMerger.Merge(
            ModelCache.Resolve(parsed.GetRequiredValue(model)), parsed.GetRequiredValue(arguments.Out), Options(parsed, conversion), stop));
        arguments.Write(report.Written, parsed, new JsonObject
        {
            ["onto"] = Targets[(int)report.Onto],
            ["tokens"] = report.Tokens,
            ["perplexity_before"] = report.PerplexityBefore,
            ["perplexity_after"] = report.PerplexityAfter,
        });
        return Task.FromResult(ExitCode.Done);
    }

    private MergeOptions Options(ParseResult parsed, ConversionOptions conversion) => new()
    {
        Adapters = [.. parsed.GetRequiredValue(adapters).Select(ModelOptions.Split).Select(adapter => (ModelCache.Resolve(adapter.Folder), adapter.Scale))],
        Onto = parsed.GetValue(onto) is { } target ? (MergeTarget)Array.IndexOf(Targets, target) : null,
        BaseType = parsed.GetValue(baseType) is { } type ? DataType.Parse(type) : null,
        Text = parsed.GetValue(text) is { } file ? File.ReadAllText(file) : null,
        Conversion = conversion,
    };
}
