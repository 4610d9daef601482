using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Conversion;
using Cria.Peft;

namespace Cria.Cli.Verbs;

/// <summary><c>cria convert IN --out OUT [--type T]</c>: a model, or an adapter with <c>--base MODEL</c>, from one form of files into another.</summary>
internal sealed class ConvertVerb
{
    private readonly Argument<string> from = new("IN") { Description = "A model or an adapter in any form that Cria reads." };
    private readonly Option<string?> baseModel = new("--base") { Description = "Adapters: the model that it was trained over. [default: the one that the adapter names]", HelpName = "MODEL" };
    private readonly ConversionArguments arguments;
    private readonly Terminal terminal;

    private ConvertVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, arguments) = (terminal, new ConversionArguments(terminal, globals));

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new ConvertVerb(terminal, globals);
        var command = new Command("convert", "From one form of files into another: Hugging Face folders, GGUF files, Meta's files; adapters of peft and llama.cpp.")
        {
            verb.from, verb.baseModel,
        };
        foreach (var option in verb.arguments.All)
            command.Add(option);
        command.Validators.Add(verb.arguments.Validate);
        command.SetAction(verb.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string source = ModelCache.Resolve(parsed.GetRequiredValue(from)), to = parsed.GetRequiredValue(arguments.Out);
        if (AdapterFile.Is(source))
            Adapter(source, to, parsed);
        else
            Model(source, to, parsed, stop);
        return Task.FromResult(ExitCode.Done);
    }

    private void Model(string source, string to, ParseResult parsed, CancellationToken stop)
    {
        if (parsed.GetValue(baseModel) is not null)
            throw new UsageException($"--base: goes with an adapter, and {source} is a model.");
        arguments.Write(arguments.Run(parsed, options => ModelConverter.Convert(source, to, options, stop)), parsed, []);
    }

    private void Adapter(string source, string to, ParseResult parsed)
    {
        if (parsed.GetResult(arguments.Type) is { Implicit: false })
            throw new UsageException("--type: goes with a model; adapters are written as f32.");
        string model = parsed.GetValue(baseModel) ?? AdapterFile.Describe(source).Base
            ?? throw new UsageException($"--base: name the model that {source} was trained over; the adapter does not say.");
        var (numbers, note) = AdapterConverter.Convert(source, to, ModelCache.Resolve(model), parsed.GetValue(arguments.Force));
        if (note is not null)
            terminal.Error.WriteLine(note);
        if (JsonAnswer.IsAsked(parsed, arguments.Json))
            JsonAnswer.Write(new JsonObject { ["out"] = to, ["parameters"] = numbers }, parsed, arguments.Json, terminal);
        else
            terminal.Out.WriteLine($"{to}: an adapter of {numbers:N0} numbers");
    }
}
