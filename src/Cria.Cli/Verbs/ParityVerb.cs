using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Conversion;

namespace Cria.Cli.Verbs;

/// <summary><c>cria parity MODEL [--against OTHER]</c>: whether a model and what was made from it answer alike.</summary>
internal sealed class ParityVerb
{
    private readonly Argument<string> model = new("MODEL") { Description = "A model." };
    private readonly Option<string?> against = new("--against") { Description = "The model that was made from it. [default: a GGUF file of the same types, made for the moment]", HelpName = "MODEL" };
    private readonly Option<int> count = new("--tokens")
    {
        Description = "How many tokens are generated after each prompt.",
        HelpName = "N",
        DefaultValueFactory = _ => 16,
        Validators = { result => GlobalOptions.AtLeast(result, 1) },
    };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly GlobalOptions globals;
    private readonly Terminal terminal;

    private ParityVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, this.globals) = (terminal, globals);

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new ParityVerb(terminal, globals);
        var command = new Command("parity", "The same prompts through a model and through what was made from it: token ids, template, greedy tokens, logits. Exit code 1 where they differ.")
        {
            verb.model, verb.against, verb.count, verb.json,
        };
        command.SetAction(verb.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        globals.SayProcessorOnly(parsed, terminal);
        string first = ModelCache.Resolve(parsed.GetRequiredValue(model));
        if (parsed.GetValue(against) is { } second)
            return Task.FromResult(Compare(first, ModelCache.Resolve(second), parsed, stop));
        var folder = Directory.CreateTempSubdirectory("cria-parity-");
        try
        {
            string made = Path.Combine(folder.FullName, "model.gguf");
            ModelConverter.Convert(first, made, new ConversionOptions { Threads = globals.ThreadsOf(parsed) }, stop);
            return Task.FromResult(Compare(first, made, parsed, stop));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private int Compare(string first, string second, ParseResult parsed, CancellationToken stop)
    {
        var options = new LlamaOptions { Threads = globals.ThreadsOf(parsed) };
        using var one = Llama.Load(first, options);
        using var other = Llama.Load(second, options);
        var report = Parity.Compare(one, other, parsed.GetValue(count), stop);
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(AsJson(report), parsed, json, terminal);
        else
            Write(report);
        return report.Agrees ? ExitCode.Done : ExitCode.Failed;
    }

    private void Write(ParityReport report)
    {
        terminal.Out.WriteLine($"chat template  {(report.SameTemplate ? "same" : "DIFFERENT")}");
        foreach (var prompt in report.Prompts)
        {
            string greedy = prompt.FirstDifference is var (place, a, b) ? $"token {place} differs: {a} and {b}" : $"{prompt.Generated} greedy tokens the same";
            terminal.Out.WriteLine($"{JsonAnswer.Text(prompt.Prompt)}");
            terminal.Out.WriteLine($"  {prompt.Tokens} token ids {(prompt.SameIds ? "the same" : "DIFFERENT")}; {greedy}; largest logit difference {prompt.LargestLogitDifference:g3}");
        }
    }

    private static JsonObject AsJson(ParityReport report) => new()
    {
        ["agrees"] = report.Agrees,
        ["same_template"] = report.SameTemplate,
        ["prompts"] = JsonAnswer.Array(report.Prompts, prompt => new JsonObject
        {
            ["prompt"] = prompt.Prompt,
            ["tokens"] = prompt.Tokens,
            ["same_ids"] = prompt.SameIds,
            ["generated"] = prompt.Generated,
            ["first_difference"] = prompt.FirstDifference is var (place, a, b) ? new JsonObject { ["place"] = place, ["first"] = a, ["second"] = b } : null,
            ["largest_logit_difference"] = prompt.LargestLogitDifference,
        }),
    };
}
