using System.CommandLine;
using System.CommandLine.Parsing;
using Cria.Tensors;

namespace Cria.Cli;

/// <summary><c>--cache-type</c>: how the keys and values of earlier tokens are stored.</summary>
internal sealed class CacheArgument
{
    private static readonly string[] Names = [.. new[] { DataType.F32, DataType.F16, DataType.BF16, DataType.Q8 }.Select(type => type.Name)];

    public Option<string?> Option { get; } = new("--cache-type")
    {
        Description = $"How keys and values of earlier tokens are stored: {string.Join(", ", Names)}. Less memory, less exact. [default: as activations]",
        HelpName = "TYPE",
        Validators = { Check },
    };

    /// <summary>The type asked for, or null.</summary>
    public DataType? Read(ParseResult parsed) => parsed.GetValue(Option) is { } name ? DataType.Parse(name) : null;

    private static void Check(OptionResult result)
    {
        var problems = new Problems();
        if (result.GetValueOrDefault<string?>() is { } name)
            problems.UnlessOneOf("--cache-type", name, Names);
        foreach (string problem in problems.Found)
            result.AddError(problem);
    }
}
