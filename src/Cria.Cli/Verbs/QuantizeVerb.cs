using System.CommandLine;
using Cria.Conversion;

namespace Cria.Cli.Verbs;

/// <summary><c>cria quantize IN --type T --out OUT</c>: store a model's matrices in fewer bits.</summary>
internal sealed class QuantizeVerb
{
    private readonly Argument<string> from = new("IN") { Description = "A model in any form that Cria reads; its original precision gives the best result." };
    private readonly ConversionArguments arguments;

    private QuantizeVerb(Terminal terminal, GlobalOptions globals) => arguments = new ConversionArguments(terminal, globals, typeIsRequired: true);

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new QuantizeVerb(terminal, globals);
        var command = new Command("quantize", "Store a model's matrices in fewer bits, and say what that changed.") { verb.from };
        foreach (var option in verb.arguments.All)
            command.Add(option);
        command.Validators.Add(verb.arguments.Validate);
        command.SetAction(verb.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string source = ModelCache.Resolve(parsed.GetRequiredValue(from));
        arguments.Write(arguments.Run(parsed, options => ModelConverter.Convert(source, parsed.GetRequiredValue(arguments.Out), options, stop)), parsed, []);
        return Task.FromResult(ExitCode.Done);
    }
}
