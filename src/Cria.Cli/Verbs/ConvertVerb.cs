using System.CommandLine;
using Cria.Conversion;

namespace Cria.Cli.Verbs;

/// <summary><c>cria convert IN --out OUT [--type T]</c> and <c>cria quantize IN --type T --out OUT</c>: one form of files into another.</summary>
internal sealed class ConvertVerb
{
    private readonly Argument<string> model = new("IN") { Description = "A model in any form that Cria reads." };
    private readonly ConversionArguments arguments;

    private ConvertVerb(ConversionArguments arguments) => this.arguments = arguments;

    public static Command Create(Terminal terminal, GlobalOptions globals) => Create(
        "convert", "From one form of files into another: Hugging Face folders, GGUF files.", new ConversionArguments(terminal, globals));

    public static Command CreateQuantize(Terminal terminal, GlobalOptions globals) => Create(
        "quantize", "Store a model's matrices in fewer bits.", new ConversionArguments(terminal, globals, typeIsRequired: true));

    private static Command Create(string name, string description, ConversionArguments arguments)
    {
        var verb = new ConvertVerb(arguments);
        var command = new Command(name, description) { verb.model };
        foreach (var option in arguments.All)
            command.Add(option);
        command.Validators.Add(arguments.Validate);
        command.SetAction(verb.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken stop) => Task.FromResult(arguments.Run(
        parsed, options => ModelConverter.Convert(ModelCache.Resolve(parsed.GetRequiredValue(model)), parsed.GetRequiredValue(arguments.Out), options, stop)));
}
